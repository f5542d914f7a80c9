"""The actions that acknowledge and close alarms."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .api import (
    Alarm,
    ApiError,
    Grade,
    Level,
    NotFoundError,
    PermissionDeniedError,
    UnreachableError,
)
from .const import DOMAIN
from .errors import action_errors
from .runtime import XProtectConfigEntry
from .sanitize import UNKNOWN
from .service_fields import entry_of, mistake, read_guid
from .site_alarms import SiteAlarms

ATTR_ALARM_ID = "alarm_id"
ATTR_COMMENT = "comment"


async def async_acknowledge_alarm(call: ServiceCall) -> ServiceResponse:
    """Set a new alarm in progress, like *Acknowledge* in XProtect Smart Client."""
    return await _async_handle(call, Level.IN_PROGRESS)


async def async_close_alarm(call: ServiceCall) -> ServiceResponse:
    """Close an alarm."""
    return await _async_handle(call, Level.CLOSED)


async def _async_handle(call: ServiceCall, level: Level) -> ServiceResponse:
    entry = entry_of(call)
    alarms = entry.runtime_data.alarms
    if alarms is None:
        raise mistake("alarms_off", title=entry.title)
    alarm_id = read_guid(call.data[ATTR_ALARM_ID])
    if alarm_id is None:
        raise mistake("alarm_id_invalid", alarm_id=call.data[ATTR_ALARM_ID])
    with _alarm_errors(call.hass, entry):
        alarm = await _read(alarms, alarm_id)
        _check(alarms, alarm, level)
        state, state_id = await _find_state(alarms, level)
        await _set_state(alarms, alarm_id, state_id, call.data.get(ATTR_COMMENT))
        try:
            after = await _read(alarms, alarm_id)
        except ApiError, ServiceValidationError:
            # It is done; an error would be taken for a reason to do it again.
            after = alarm._replace(state=state)
    alarms.note_change(after)
    return {**alarms.describe(after)}


def _check(alarms: SiteAlarms, alarm: Alarm, level: Level) -> None:
    """Raise an error if the alarm is closed, or is acknowledged and not new."""
    state = alarms.settings.state(alarm)
    if state.level == Level.CLOSED:
        raise mistake("alarm_closed", alarm_id=alarm.id)
    if level is Level.IN_PROGRESS and state.level != Level.NEW:
        shown = state.name or state.level or UNKNOWN
        raise mistake("alarm_not_new", alarm_id=alarm.id, state=str(shown))


async def _read(alarms: SiteAlarms, alarm_id: str) -> Alarm:
    try:
        alarm = await alarms.api.get(alarm_id)
    except NotFoundError as err:
        await _raise_for_missing(alarms, alarm_id, err)
    if not alarms.settings.knows(alarm):
        await alarms.poll.read_settings_now()
    return alarm


async def _raise_for_missing(
    alarms: SiteAlarms, alarm_id: str, err: NotFoundError
) -> NoReturn:
    """Raise the error for an alarm that does not exist.

    Raises `NotFoundError` for a server without alarms, which answers the same.
    """
    await alarms.api.list(page=0, size=1)
    raise mistake("alarm_not_found", alarm_id=alarm_id) from err


async def _find_state(alarms: SiteAlarms, level: Level) -> tuple[Grade, str]:
    """Return the state of a level, and its id."""
    state = alarms.settings.state_of(level)
    if state is None:
        await alarms.poll.read_settings_now()
        state = alarms.settings.state_of(level)
    if state is None or state.id is None:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="alarm_state_unknown",
            translation_placeholders={"level": str(level.value)},
        )
    return state, state.id


async def _set_state(
    alarms: SiteAlarms, alarm_id: str, state_id: str, comment: str | None
) -> None:
    """Set a state; after a lost answer, read whether it was set."""
    try:
        await alarms.api.set_state(alarm_id, state_id, comment)
    except NotFoundError as err:
        await _raise_for_missing(alarms, alarm_id, err)
    except UnreachableError as err:
        if not err.was_sent:
            raise
        # It may have been set. A second request would add the comment twice.
        try:
            after = await alarms.api.get(alarm_id)
        except ApiError:
            raise err from None
        if alarms.settings.state(after).id != state_id:
            raise


@contextmanager
def _alarm_errors(hass: HomeAssistant, entry: XProtectConfigEntry) -> Iterator[None]:
    """Translate a missing right and a missing service into errors about alarms."""
    with action_errors(hass, entry):
        try:
            yield
        except NotFoundError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="alarms_missing",
                translation_placeholders={"error": str(err)},
            ) from err
        except PermissionDeniedError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="alarm_forbidden",
                translation_placeholders={"error": str(err)},
            ) from err
