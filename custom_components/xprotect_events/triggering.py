"""Triggers events for actions and buttons."""

from collections.abc import Sequence

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.service import async_get_config_entry

from .api import NewEvent, TriggerResult
from .const import DOMAIN
from .errors import action_errors
from .runtime import XProtectConfigEntry, XProtectRuntime

# The status of a successful single trigger, which the reply does not contain.
ACCEPTED = 202


async def async_trigger(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    events: Sequence[NewEvent],
    context: Context,
) -> tuple[TriggerResult, ...]:
    """Trigger events of one type, and return one result for each.

    `context` becomes that of the events when they arrive. Raises `HomeAssistantError`
    when the whole request fails, or if the entry was unloaded meanwhile.
    """
    async_get_config_entry(hass, DOMAIN, entry.entry_id)
    runtime = entry.runtime_data
    # An event may arrive before the reply, so events of this type wait for it.
    with runtime.pending.sending(events[0].type_id):
        with action_errors(hass, entry):
            results = await _send(runtime, events)
        for result in results:
            if result.event is not None:
                runtime.dispatcher.expect_own_event(result.event.id, context)
    return results


async def _send(
    runtime: XProtectRuntime, events: Sequence[NewEvent]
) -> tuple[TriggerResult, ...]:
    """Trigger one event or several with one request."""
    if len(events) > 1:
        return await runtime.client.events.trigger_many(events)
    event = await runtime.client.events.trigger(events[0])
    return (TriggerResult(status=ACCEPTED, event=event, error_text=None),)
