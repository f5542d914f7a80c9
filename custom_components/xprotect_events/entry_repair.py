"""What the fix flows of repairs have in common: their config entry."""

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import AbortFlow

from .removed_entry import abort_if_removed
from .runtime import XProtectConfigEntry

# The error of a form that is shown again, because it is not true any more.
CHANGED_MEANWHILE = {"base": "changed_meanwhile"}


class EntryRepair(RepairsFlow):
    """Repairs something of one config entry, which can be removed at any time."""

    def __init__(self, entry_id: str) -> None:
        self._entry_id = entry_id

    @property
    def entry(self) -> XProtectConfigEntry:
        """The entry; ends the flow if it was removed."""
        with abort_if_removed():
            return self.hass.config_entries.async_get_known_entry(self._entry_id)

    @property
    def loaded_entry(self) -> XProtectConfigEntry:
        """The entry; ends the flow if it is not loaded."""
        entry = self.entry
        if entry.state is not ConfigEntryState.LOADED:
            raise AbortFlow(reason="not_loaded")
        return entry
