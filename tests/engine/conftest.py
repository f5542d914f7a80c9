"""Fixtures of the tests of the engine."""

from collections.abc import Iterator
import logging
from unittest.mock import patch

import pytest

from custom_components.xprotect_events.engine import session_poll
from tests.engine.lossless_site import blind_pages


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the log of thousands of histories out of the report of a failure."""
    caplog.set_level(logging.ERROR)


@pytest.fixture(scope="module")
def small_limits() -> Iterator[None]:
    """Lower limits for replies of hundreds, so that small replies reach them."""
    with (
        patch.object(session_poll, "LIKELY_LIMIT", 1),
        patch.object(session_poll, "MIN_SIZE", 2),
        blind_pages(1000),
    ):
        yield
