"""Home Assistant's log after all steps."""

import re

import pytest

from .house import FOLDER

EXPECTED = (
    "We found a custom integration xprotect_events",
    # Home Assistant's own, whenever its language is changed.
    "Failed to load integration for translation: Invalid domain",
    # The event server was down.
    "XProtect did not carry out the request (The server cannot answer now (HTTP 503))",
    # The password was changed.
    "Authentication failed while fetching xprotect_events ",
)


@pytest.mark.usefixtures("person")
def test_the_log_has_no_unexpected_lines() -> None:
    """Users who find errors there look for a problem."""
    lines = (FOLDER / "home-assistant.log").read_text("utf-8").splitlines()
    serious = [line for line in lines if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]
    assert serious
    assert [one for one in serious if not any(text in one for text in EXPECTED)] == []
