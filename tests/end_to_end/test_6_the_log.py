"""What the walk has left in Home Assistant's log."""

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
    "Authentication failed while fetching xprotect_events events data",
)


@pytest.mark.usefixtures("person")
def test_the_log_tells_only_what_was_done() -> None:
    """A person who finds errors there looks for what is broken."""
    lines = (FOLDER / "home-assistant.log").read_text("utf-8").splitlines()
    told = [line for line in lines if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]
    assert told
    assert [one for one in told if not any(text in one for text in EXPECTED)] == []
