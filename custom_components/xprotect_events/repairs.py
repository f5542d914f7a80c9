"""The fix flows of repairs."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, override

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant
import probatio as vol

from .certificate_repair import CertificateChangedFlow, RecorderCertificateFlow
from .engine.event_keys import Rename
from .entry_repair import CHANGED_MEANWHILE, EntryRepair
from .issue_kinds import Issue
from .issues import async_get_issues
from .option_choices import CHOICES, INCLUDING, missing
from .rename_watch import describe_renames
from .runtime import XProtectConfigEntry
from .sanitize import sanitize

# Names in a form; users confirm what they have read.
MAX_LISTED = 50


class ConfirmFlow(EntryRepair, ABC):
    """Describes a change, and makes it after the user has confirmed."""

    # What the form has described, and its step.
    _described: tuple[Sequence[object], str] | None = None

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
        return self._describe({})

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Make the change."""
        if user_input is None:
            # The page was loaded again; the user has not confirmed.
            return self._describe({})
        entry = self.loaded_entry
        if (self._find(entry), self._form(entry)[0]) != self._described:
            # The user has not confirmed what was added while the form was open.
            return self._describe(CHANGED_MEANWHILE)
        self._confirmed(entry)
        return self.async_create_entry(data={})

    def _describe(self, errors: dict[str, str]) -> RepairsFlowResult:
        entry = self.loaded_entry
        subject = self._find(entry)
        if not subject:
            # Repaired in another form meanwhile.
            return self.async_create_entry(data={})
        step, placeholders = self._form(entry)
        self._described = subject, step
        return self.async_show_form(
            step_id=step,
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={"name": sanitize(entry.title), **placeholders},
        )


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
    entry_id = str((data or {}).get("entry_id"))
    return _flow_of(issue_id)(entry_id)


def _flow_of(issue_id: str) -> Callable[[str], RepairsFlow]:
    flows = (
        (Issue.CERTIFICATE_CHANGED, CertificateChangedFlow),
        (Issue.RECORDER_CERTIFICATE, RecorderCertificateFlow),
        (Issue.EVENTS_RENAMED, RenamedEventsFlow),
        (Issue.OPTIONS_STALE, StaleOptionsFlow),
    )
    return next(flow for issue, flow in flows if issue_id.startswith(issue))
