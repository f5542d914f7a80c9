"""Triggering events, for actions and buttons alike."""

from collections.abc import Sequence

from homeassistant.core import Context, HomeAssistant

from .api import NewEvent, TriggerResult
from .errors import action_errors
from .runtime import XProtectConfigEntry, XProtectRuntime

# What a single trigger is answered with; the reply itself does not repeat it.
ACCEPTED = 202


async def async_trigger(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    events: Sequence[NewEvent],
    context: Context,
) -> tuple[TriggerResult, ...]:
    """Trigger events of one type and note that they are ours; one result each.

    Raises `HomeAssistantError` when the server refuses the whole.
    """
    runtime = entry.runtime_data
    # The echo may come before the reply: events of this type wait for it.
    with runtime.pending.sending(events[0].type_id):
        with action_errors(hass, entry):
            results = await _send(runtime, events)
        for result in results:
            if result.event is not None:
                runtime.dispatcher.expect_echo(result.event.id, context)
    return results


async def _send(
    runtime: XProtectRuntime, events: Sequence[NewEvent]
) -> tuple[TriggerResult, ...]:
    """Trigger in one request, whether one event or several."""
    if len(events) > 1:
        return await runtime.client.events.trigger_many(events)
    event = await runtime.client.events.trigger(events[0])
    return (TriggerResult(status=ACCEPTED, event=event, error_text=None),)
