"""Shows repairs for missing and excessive rights, after each reading of the site."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .api import PermissionDeniedError
from .const import (
    CONF_PICTURES,
    CONF_PTZ_PRESETS,
    CONF_SWITCH_OUTPUTS,
    PICTURES_RECORDERS,
)
from .engine.rights import Ability, Rights
from .inventory_coordinator import XProtectInventoryCoordinator
from .issue_kinds import Issue
from .issues import async_get_issues


@callback
def async_watch_rights(
    hass: HomeAssistant, entry: ConfigEntry, inventory: XProtectInventoryCoordinator
) -> None:
    """Judge the rights that were read with the lists, now and after each reading.

    A change of a role changes the configuration, which reads the site again.
    """
    issues = async_get_issues(hass, entry)
    lacks_outputs = False

    @callback
    def judge() -> None:
        nonlocal lacks_outputs
        site = inventory.data
        # A missing answer does not mean that rights were granted.
        facts = {} if site.rights is None else _judge(site.rights, entry.options)
        # A more specific issue is shown instead.
        facts[Issue.RIGHTS_LOST] = not facts.get(Issue.CAMERAS_HIDDEN) and (
            _is_refused(inventory) or inventory.memory.absences.have_shrunk(site)
        )
        issues.judge_rights(facts)
        lacked = lacks_outputs
        lacks_outputs = facts.get(Issue.OUTPUTS_FORBIDDEN, lacked)
        if lacked and not lacks_outputs:
            # Only a set-up finds out whether outputs are switched or triggered.
            hass.config_entries.async_schedule_reload(entry.entry_id)

    judge()
    entry.async_on_unload(inventory.async_add_listener(judge))


def _is_refused(inventory: XProtectInventoryCoordinator) -> bool:
    """Whether the last reading failed because not even the site may be seen."""
    failure = inventory.last_exception
    return failure is not None and isinstance(failure.__cause__, PermissionDeniedError)


def _judge(rights: Rights, options: Mapping[str, object]) -> dict[Issue, bool]:
    """Return for each issue whether it applies."""
    missing = rights.missing
    wants_recordings = options.get(CONF_PICTURES) == PICTURES_RECORDERS
    return {
        Issue.ADMINISTRATOR: rights.is_administrator,
        Issue.CAMERAS_HIDDEN: Ability.SEE_CAMERAS in missing,
        Issue.TRIGGER_FORBIDDEN: Ability.TRIGGER_EVENTS in missing,
        Issue.OUTPUTS_FORBIDDEN: Ability.SWITCH_OUTPUTS in missing
        and bool(options.get(CONF_SWITCH_OUTPUTS)),
        # If the user sees no camera, the issue for that is enough.
        Issue.PLAYBACK_FORBIDDEN: Ability.PLAY_BACK in missing
        and Ability.SEE_CAMERAS not in missing
        and wants_recordings,
        Issue.PTZ_FORBIDDEN: Ability.MOVE_CAMERAS in missing
        and Ability.SEE_CAMERAS not in missing
        and bool(options.get(CONF_PTZ_PRESETS)),
    }
