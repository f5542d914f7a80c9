"""How hard the engine is tried."""

import logging

from hypothesis import settings
import pytest

# `--hypothesis-profile thorough` before a release; a fraction of it in every run.
settings.register_profile("thorough", max_examples=3000, deadline=None)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the log of thousands of histories out of the report of one."""
    caplog.set_level(logging.ERROR)
