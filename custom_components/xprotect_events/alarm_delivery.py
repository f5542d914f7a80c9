"""Polls alarms while the entry is loaded, and judges whether they can arrive."""

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .alarm_coordinator import XProtectAlarmCoordinator
from .api import REFUSED_REQUESTS, NotFoundError, PermissionDeniedError, RejectedError
from .issue_kinds import Issue
from .issues import async_get_issues
from .runtime import XProtectConfigEntry
from .site_alarms import SiteAlarms


class AlarmDelivery:
    """Polls from `start` to `stop`."""

    def __init__(
        self, hass: HomeAssistant, entry: XProtectConfigEntry, alarms: SiteAlarms
    ) -> None:
        self._alarms = alarms
        self._issues = async_get_issues(hass, entry)
        self._coordinator = XProtectAlarmCoordinator(
            hass, entry, alarms.poll, finished=self._polled
        )
        self._unsubscribe: CALLBACK_TYPE | None = None

    async def start(self) -> None:
        """Poll until `stop`."""
        # A coordinator without listeners does not poll.
        self._unsubscribe = self._coordinator.async_add_listener(lambda: None)
        await self._coordinator.async_refresh()

    @callback
    def close(self) -> None:
        """Deliver nothing more; the next start delivers what arrives from now on."""
        self._alarms.poll.intake.close()

    async def stop(self) -> None:
        """Deliver nothing more and save the position."""
        self.close()
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        await self._alarms.save()

    @callback
    def _polled(self) -> None:
        succeeded = self._coordinator.last_update_success
        self._alarms.polled(succeeded=succeeded)
        failure = self._coordinator.last_exception
        cause = None if succeeded else failure and failure.__cause__
        if succeeded or isinstance(cause, REFUSED_REQUESTS):
            self._judge(cause)

    @callback
    def _judge(self, refusal: BaseException | None) -> None:
        """Switch the repairs about alarms; roles without rights may get empty lists."""
        settings = self._alarms.settings
        is_empty = not (settings.states or settings.priorities)
        is_missing = isinstance(refusal, (NotFoundError, RejectedError))
        self._issues.judge_rights(
            {
                Issue.ALARMS_FORBIDDEN: isinstance(refusal, PermissionDeniedError)
                or (refusal is None and is_empty and not self._alarms.poll.stored),
                Issue.ALARMS_MISSING: is_missing,
            }
        )
