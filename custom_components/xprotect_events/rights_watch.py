"""Reads what the user may do, at the start and whenever the site was read."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .api import ApiError, Configuration
from .const import CONF_SWITCH_OUTPUTS, DOMAIN
from .engine.rights import Ability, Rights, read_rights
from .inventory_coordinator import XProtectInventoryCoordinator
from .issue_kinds import Issue
from .issues import async_get_issues

_LOGGER = logging.getLogger(__name__)


class RightsWatch:
    """Tells the issues of an entry what the user may do.

    A change of a role changes the configuration, which reads the site again.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        configuration: Configuration,
        inventory: XProtectInventoryCoordinator,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._configuration = configuration
        self._inventory = inventory

    @callback
    def follow(self, confirmed: Callable[[], Awaitable[None]]) -> None:
        """Read once the site is confirmed, and after each reading of its lists."""

        async def begin() -> None:
            await confirmed()
            await self._read()

        @callback
        def site_read() -> None:
            if self._inventory.last_update_success:
                self._start(self._read())

        self._start(begin())
        self._entry.async_on_unload(self._inventory.async_add_listener(site_read))

    @callback
    def _start(self, reading: Coroutine[None, None, None]) -> None:
        self._entry.async_create_background_task(
            self._hass, reading, f"{DOMAIN} rights"
        )

    async def _read(self) -> None:
        try:
            rights = await read_rights(self._configuration)
        except ApiError as err:
            # Nothing hangs on it but advice: the next reading asks again.
            _LOGGER.debug("Cannot read the rights of the user: %s", err)
            return
        issues = async_get_issues(self._hass, self._entry)
        facts = _judge(rights, self._entry.options)
        absences = self._inventory.memory.absences
        # What explains it better is told instead.
        facts[Issue.RIGHTS_LOST] = not facts[
            Issue.CAMERAS_HIDDEN
        ] and absences.have_shrunk(self._inventory.data)
        issues.judge_rights(facts)


def _judge(rights: Rights | None, options: Mapping[str, object]) -> dict[Issue, bool]:
    """Say of each issue whether it is one; none where the server does not tell."""
    missing = rights.missing if rights else frozenset[Ability]()
    may_not_switch = Ability.SWITCH_OUTPUTS in missing
    return {
        Issue.ADMINISTRATOR: rights is not None and rights.is_administrator,
        Issue.CAMERAS_HIDDEN: Ability.SEE_CAMERAS in missing,
        Issue.TRIGGER_FORBIDDEN: Ability.TRIGGER_EVENTS in missing,
        Issue.OUTPUTS_FORBIDDEN: may_not_switch
        and bool(options.get(CONF_SWITCH_OUTPUTS)),
    }
