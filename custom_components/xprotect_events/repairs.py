"""The fix flows of repairs."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, override

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import probatio as vol

from .certificate_repair import CertificateChangedFlow, RecorderCertificateFlow
from .const import DOMAIN
from .engine.event_keys import Rename
from .issue_kinds import Issue
from .issues import async_get_issues
from .option_choices import CHOICES, INCLUDING, missing
from .rename_watch import describe_renames
from .runtime import XProtectConfigEntry
from .sanitize import sanitize

# Names in a form; users confirm what they have read.
MAX_LISTED = 50


class ConfirmFlow(RepairsFlow, ABC):
    """Describes a change, and makes it after the user has confirmed."""

    def __init__(self, entry: XProtectConfigEntry | None) -> None:
        self._entry = entry
        # What the form has described.
        self._described: Sequence[object] = ()

    @abstractmethod
    def _find(self, entry: XProtectConfigEntry) -> Sequence[object]:
        """Return what the change is about now; nothing if none is needed any more."""

    @abstractmethod
    def _form(self, entry: XProtectConfigEntry) -> tuple[str, Mapping[str, str]]:
        """Return the step of the form, and its placeholders."""

    @abstractmethod
    def _confirmed(self, entry: XProtectConfigEntry) -> None:
        """Make the change."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Describe the change."""
        entry = self._entry
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        self._described = self._find(entry)
        if not self._described:
            return self.async_create_entry(data={})
        step, placeholders = self._form(entry)
        return self.async_show_form(
            step_id=step,
            data_schema=vol.Schema({}),
            description_placeholders={"name": sanitize(entry.title), **placeholders},
        )

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Make the change."""
        entry = self._entry
        if user_input is None:
            # The page was loaded again; the user has not confirmed.
            return await self.async_step_init()
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        if self._find(entry) != self._described:
            # The user has not confirmed what was added while the form was open.
            return await self.async_step_init()
        self._confirmed(entry)
        return self.async_create_entry(data={})


class StaleOptionsFlow(ConfirmFlow):
    """Removes selected values that the server does not have any more."""

    @override
    def _find(self, entry: XProtectConfigEntry) -> Sequence[str]:
        """Return the values to remove."""
        return missing(entry.runtime_data.inventory.data, entry.options)

    @override
    def _form(self, entry: XProtectConfigEntry) -> tuple[str, Mapping[str, str]]:
        """List the values to remove, and warn if that leaves an empty selection."""
        stale = self._find(entry)
        issues = async_get_issues(self.hass, entry)
        names = map(issues.last_name, stale[:MAX_LISTED])
        rows = [f"- {sanitize(name)}" for name in names]
        if len(stale) > MAX_LISTED:
            rows.append(f"- … (+ {len(stale) - MAX_LISTED})")
        step = "confirm_all" if _leaves_nothing(entry, stale) else "confirm"
        return step, {"missing": "\n".join(rows)}

    async def async_step_confirm_all(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Remove the values, although an empty selection means all events."""
        return await self.async_step_confirm(user_input)

    @override
    def _confirmed(self, entry: XProtectConfigEntry) -> None:
        stale = self._find(entry)
        options = dict(entry.options)
        for key in options.keys() & set(CHOICES):
            options[key] = [one for one in options[key] if one not in stale]
        self.hass.config_entries.async_update_entry(entry, options=options)
        self.hass.config_entries.async_schedule_reload(entry.entry_id)


class RenamedEventsFlow(ConfirmFlow):
    """Shows renamed events until the user confirms."""

    @override
    def _find(self, entry: XProtectConfigEntry) -> Sequence[Rename]:
        """Return the renames that nobody has confirmed."""
        return entry.runtime_data.inventory.memory.renames

    @override
    def _form(self, entry: XProtectConfigEntry) -> tuple[str, Mapping[str, str]]:
        """Show the names and the affected automations."""
        return "confirm", describe_renames(self.hass, entry) or {}

    @override
    def _confirmed(self, entry: XProtectConfigEntry) -> None:
        entry.runtime_data.inventory.memory.forget_renames()


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
