"""Connections that are gone before they can be reset."""

from unittest.mock import Mock

from aiohttp.test_utils import make_mocked_request
import pytest

from xprotect_simulator.resets import cut


@pytest.mark.parametrize("is_open", [False, True])
def test_a_connection_that_is_gone_is_left_alone(is_open: bool) -> None:
    """The other side was faster."""
    transport = Mock()
    transport.get_extra_info.return_value = None
    cut(make_mocked_request("GET", "/", transport=transport if is_open else Mock()))
    assert transport.abort.called is is_open
