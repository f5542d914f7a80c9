"""Ends a flow with a sentence if its config entry was removed meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.config_entries import UnknownEntry
from homeassistant.data_entry_flow import AbortFlow


@contextmanager
def abort_if_removed() -> Iterator[None]:
    """End the flow if the entry is unknown, which would be an error without a text."""
    try:
        yield
    except UnknownEntry as err:
        raise AbortFlow(reason="entry_removed") from err
