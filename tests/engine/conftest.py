"""Fixtures of the tests of the engine."""

import logging

import pytest


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the log of thousands of histories out of the report of one."""
    caplog.set_level(logging.ERROR)
