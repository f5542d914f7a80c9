"""The fix flows of repairs."""

from collections.abc import Collection
from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import probatio as vol

from .certificate_repair import CertificateChangedFlow, RecorderCertificateFlow
from .const import DOMAIN
from .issue_kinds import Issue
from .issues import MAX_NAMES, async_get_issues
from .option_choices import CHOICES, INCLUDING, missing
from .rename_watch import describe_renames
from .runtime import XProtectConfigEntry
from .sanitize import sanitize


class StaleOptionsFlow(RepairsFlow):
    """Removes selected values from the options that do not exist any more."""

    def __init__(self, entry: XProtectConfigEntry | None) -> None:
        self._entry = entry

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show the values to remove, and warn if that leaves an empty selection."""
        entry = self._entry
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        stale = _stale(entry)
        issues = async_get_issues(self.hass, entry)
        names = (issues.last_name(one) for one in stale[:MAX_NAMES])
        return self.async_show_form(
            step_id="confirm_all" if _leaves_nothing(entry, stale) else "confirm",
            data_schema=vol.Schema({}),
            description_placeholders={
                "name": sanitize(entry.title),
                "missing": "\n".join(f"- {sanitize(name)}" for name in names),
            },
        )

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Remove the values."""
        entry = self._entry
        if user_input is None:
            # The page was loaded again; the user has not confirmed.
            return await self.async_step_init()
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        stale = _stale(entry)
        options = dict(entry.options)
        for key in options.keys() & set(CHOICES):
            options[key] = [one for one in options[key] if one not in stale]
        self.hass.config_entries.async_update_entry(entry, options=options)
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})

    async def async_step_confirm_all(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Remove the values, although an empty selection means all events."""
        return await self.async_step_confirm(user_input)


class RenamedEventsFlow(RepairsFlow):
    """Shows renamed events until the user confirms."""

    def __init__(self, entry: XProtectConfigEntry | None) -> None:
        self._entry = entry

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show the names and the affected automations."""
        entry = self._entry
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            description_placeholders={
                "name": sanitize(entry.title),
                **(describe_renames(self.hass, entry) or {}),
            },
        )

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Forget the renames."""
        entry = self._entry
        if user_input is None:
            return await self.async_step_init()
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        entry.runtime_data.inventory.memory.forget_renames()
        return self.async_create_entry(data={})


def _stale(entry: XProtectConfigEntry) -> tuple[str, ...]:
    return missing(entry.runtime_data.inventory.data, entry.options)


def _leaves_nothing(entry: XProtectConfigEntry, stale: Collection[str]) -> bool:
    """Whether an empty choice would remain, which means everything."""
    for keys in INCLUDING:
        chosen = [one for key in keys for one in entry.options.get(key, ())]
        if chosen and set(chosen) <= set(stale):
            return True
    return False


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the fix flow of a repair."""
    entry_id = (data or {}).get("entry_id")
    entry: XProtectConfigEntry | None = None
    if isinstance(entry_id, str):
        entry = hass.config_entries.async_get_entry(entry_id)
    if entry is not None and issue_id.startswith(Issue.CERTIFICATE_CHANGED):
        return CertificateChangedFlow(entry)
    if entry is not None and issue_id.startswith(Issue.RECORDER_CERTIFICATE):
        return RecorderCertificateFlow(entry)
    entry = entry if entry and entry.domain == DOMAIN else None
    if issue_id.startswith(Issue.EVENTS_RENAMED):
        return RenamedEventsFlow(entry)
    return StaleOptionsFlow(entry)
