"""Tests that read files need no event loop."""

import pytest


@pytest.fixture(autouse=True)
def configure_event_loop() -> None:
    """Create no loop; the test plugin creates one for each test."""


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Skip the plugin's check for remaining tasks and threads, which starts a loop."""
