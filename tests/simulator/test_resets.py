"""Resetting connections that are already closed."""

from unittest.mock import Mock

from aiohttp.test_utils import make_mocked_request
import pytest

from xprotect_simulator.resets import cut


@pytest.mark.parametrize("is_open", [False, True])
def test_a_closed_connection_is_not_reset(is_open: bool) -> None:
    """The other side may close first."""
    transport = Mock()
    transport.get_extra_info.return_value = None
    cut(make_mocked_request("GET", "/", transport=transport if is_open else Mock()))
    assert transport.abort.called is is_open
