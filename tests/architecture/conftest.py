"""Tests that read files need no event loop."""

import pytest


@pytest.fixture(autouse=True)
def configure_event_loop() -> None:
    """Make no loop; the test plugin makes one for each test."""


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Look for no tasks and threads that are left; the plugin starts one to do so."""
