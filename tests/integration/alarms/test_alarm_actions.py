"""Alarms are acknowledged and closed by actions, whose errors name the cause."""

import asyncio
from collections.abc import Awaitable
from typing import Any
from uuid import uuid4

from homeassistant.auth.models import User
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events.api import AlarmPage, Alarms
from custom_components.xprotect_events.const import DOMAIN
from tests.integration.alarms.conftest import (
    A_WHOLE_READING,
    AN_ALARM_POLL,
    AlarmState,
    Handle,
)
from tests.integration.conftest import A_MORNING, Poll
from xprotect_simulator import Simulator
from xprotect_simulator.site.alarm_settings import CLOSED, IN_PROGRESS, ON_HOLD

UPDATE = "/api/rest/v1/alarms/*"


async def key_of(call: Awaitable[object], kind: type[HomeAssistantError]) -> str:
    """Return the translation key of a call's error."""
    with pytest.raises(kind) as raised:
        await call
    assert str(raised.value)
    assert type(raised.value) is kind
    return str(raised.value.translation_key)


def changes(simulator: Simulator) -> int:
    """Return how often an alarm was changed."""
    return sum(one.method == "PATCH" for one in simulator.requests)


async def test_an_alarm_is_acknowledged_and_then_closed(
    simulator: Simulator, handle: Handle, alarm_state: AlarmState
) -> None:
    """With comments in its history; sensors show the change at once."""
    raised = simulator.alarms.raise_alarm("Fire")
    answer = await handle(
        "acknowledge_alarm", alarm_id=raised.id.upper(), comment="On my way"
    )
    assert raised.state.level == IN_PROGRESS
    assert (answer["alarm_id"], answer["state"], answer["state_level"]) == (
        raised.id,
        "In progress",
        IN_PROGRESS,
    )
    assert alarm_state("open_alarms").attributes["states"] == {"In progress": 1}
    await handle("close_alarm", alarm_id=raised.id)
    assert raised.state.level == CLOSED
    assert alarm_state("open_alarms").state == "0"
    assert [one.text for one in raised.history] == [
        "State: New to In progress",
        "On my way",
        "State: In progress to Closed",
    ]


async def test_an_alarm_that_is_already_acknowledged_or_closed_is_not_changed(
    simulator: Simulator, handle: Handle
) -> None:
    """Another user may have been faster."""
    raised = simulator.alarms.raise_alarm("Fire")
    await handle("acknowledge_alarm", alarm_id=raised.id)
    again = handle("acknowledge_alarm", alarm_id=raised.id)
    assert await key_of(again, ServiceValidationError) == "alarm_not_new"
    simulator.alarms.update(raised, "ann", state=simulator.alarms.state(ON_HOLD))
    again = handle("acknowledge_alarm", alarm_id=raised.id)
    assert await key_of(again, ServiceValidationError) == "alarm_not_new"
    await handle("close_alarm", alarm_id=raised.id)
    for action in ("acknowledge_alarm", "close_alarm"):
        again = handle(action, alarm_id=raised.id)
        assert await key_of(again, ServiceValidationError) == "alarm_closed"
    assert changes(simulator) == 2


async def test_an_unknown_alarm_is_the_callers_mistake(
    simulator: Simulator, handle: Handle
) -> None:
    """Only GET requests are sent."""
    unknown = handle("close_alarm", alarm_id=str(uuid4()))
    assert await key_of(unknown, ServiceValidationError) == "alarm_not_found"
    nonsense = handle("close_alarm", alarm_id="the red one")
    assert await key_of(nonsense, ServiceValidationError) == "alarm_id_invalid"
    assert changes(simulator) == 0


async def test_a_missing_right_and_a_missing_licence_have_different_errors(
    simulator: Simulator, handle: Handle
) -> None:
    """Each has another remedy."""
    raised = simulator.alarms.raise_alarm("Fire")
    simulator.identity.deny("alarms", "MANAGE")
    refused = handle("close_alarm", alarm_id=raised.id)
    assert await key_of(refused, HomeAssistantError) == "alarm_forbidden"
    simulator.faults.enable("alarms_missing")
    refused = handle("close_alarm", alarm_id=raised.id)
    assert await key_of(refused, HomeAssistantError) == "alarms_missing"
    simulator.faults.clear()
    simulator.faults.enable("event_server_down")
    refused = handle("close_alarm", alarm_id=raised.id)
    assert await key_of(refused, HomeAssistantError) == "unexpected_response"


async def test_after_a_lost_answer_the_alarm_is_read_again(
    simulator: Simulator, handle: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the comment would be in the history twice."""
    raised = simulator.alarms.raise_alarm("Fire")
    # The GET request succeeds, the answer to the change is lost.
    simulator.faults.enable(f"reset:after:count=1:every=2:path={UPDATE}")
    await handle("close_alarm", alarm_id=raised.id, comment="Toast")
    assert [one.text for one in raised.history] == [
        "State: New to Closed",
        "Toast",
    ]
    other = simulator.alarms.raise_alarm("Flood")
    simulator.faults.enable(f"reset:before:count=1:every=2:path={UPDATE}")
    lost = handle("close_alarm", alarm_id=other.id)
    assert await key_of(lost, HomeAssistantError) == "cannot_connect"
    assert other.state.level != CLOSED
    # No request succeeds any more.

    def cut(*_: object, **__: object) -> None:
        simulator.faults.enable("reset")

    monkeypatch.setattr(simulator.alarms, "update", cut)
    lost = handle("close_alarm", alarm_id=other.id)
    simulator.faults.enable(f"reset:after:count=1:every=2:path={UPDATE}")
    assert await key_of(lost, HomeAssistantError) == "cannot_connect"


async def test_unknown_states_are_requested(
    simulator: Simulator, handle: Handle, loaded: MockConfigEntry
) -> None:
    """If XProtect does not have the state, the error names it."""
    raised = simulator.alarms.raise_alarm("Fire")
    loaded.runtime_data.alarms.settings.states = ()
    await handle("acknowledge_alarm", alarm_id=raised.id)
    del simulator.alarms.states[-1]
    loaded.runtime_data.alarms.settings.states = ()
    failed = handle("close_alarm", alarm_id=raised.id)
    assert await key_of(failed, HomeAssistantError) == "alarm_state_unknown"


@pytest.mark.usefixtures("loaded")
async def test_only_administrators_and_automations_change_alarms(
    hass: HomeAssistant,
    simulator: Simulator,
    hass_read_only_user: User,
) -> None:
    """As with triggers: users who may see alarms may not change them."""
    raised = simulator.alarms.raise_alarm("Fire")
    data = {"alarm_id": raised.id}
    context = Context(user_id=hass_read_only_user.id)
    for action in ("acknowledge_alarm", "close_alarm"):
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                DOMAIN, action, data, blocking=True, context=context
            )
    # With one site, the entry need not be given.
    await hass.services.async_call(DOMAIN, "close_alarm", data, blocking=True)
    assert raised.state.level == CLOSED


@pytest.mark.parametrize("entry_options", [{"delivery": "poll"}])
async def test_the_option_is_named_while_alarms_are_off(handle: Handle) -> None:
    """The error names the option to switch on."""
    failed = handle("close_alarm", alarm_id=str(uuid4()))
    assert await key_of(failed, ServiceValidationError) == "alarms_off"


async def test_an_alarm_that_was_closed_needs_no_second_answer(
    simulator: Simulator, handle: Handle, alarm_state: AlarmState
) -> None:
    """It is closed, although it can no longer be read."""
    raised = simulator.alarms.raise_alarm("Fire")
    simulator.faults.enable(f"server_error:500:count=1:every=3:path={UPDATE}")
    answer = await handle("close_alarm", alarm_id=raised.id, comment="Toast")
    assert raised.state.level == CLOSED
    assert (answer["alarm_id"], answer["state"], answer["state_level"]) == (
        raised.id,
        "Closed",
        CLOSED,
    )
    assert alarm_state("open_alarms").state == "0"


async def test_an_alarm_that_is_deleted_meanwhile_is_not_a_missing_licence(
    simulator: Simulator, handle: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Retention may delete it between two requests."""
    raised = simulator.alarms.raise_alarm("Fire")
    set_state = Alarms.set_state

    async def too_late(alarms: Alarms, *given: Any) -> None:  # noqa: ANN401 - as it is
        simulator.alarms.forget(raised)
        await set_state(alarms, *given)

    monkeypatch.setattr(Alarms, "set_state", too_late)
    closing = handle("close_alarm", alarm_id=raised.id)
    assert await key_of(closing, ServiceValidationError) == "alarm_not_found"


@pytest.mark.parametrize(
    ("seconds", "is_whole"), [(AN_ALARM_POLL, False), (A_WHOLE_READING, True)]
)
async def test_an_alarm_stays_closed_while_an_older_list_arrives(
    hass: HomeAssistant,
    simulator: Simulator,
    handle: Handle,
    alarm_state: AlarmState,
    alarm_poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    is_whole: bool,
) -> None:
    """Automations would take it for another alarm that is open."""
    raised = simulator.alarms.raise_alarm("Fire")
    await alarm_poll()
    assert alarm_state("open_alarms").state == "1"
    is_read, is_closed = asyncio.Event(), asyncio.Event()
    read = Alarms.list

    async def read_slowly(alarms: Alarms, **given: Any) -> AlarmPage:  # noqa: ANN401 - as it is
        page = await read(alarms, **given)
        start = given["time"][0].value
        if (start.year < A_MORNING.year) is is_whole:
            is_read.set()
            await is_closed.wait()
        return page

    monkeypatch.setattr(Alarms, "list", read_slowly)
    polling = hass.async_create_task(alarm_poll(seconds))
    await is_read.wait()
    await handle("close_alarm", alarm_id=raised.id)
    assert alarm_state("open_alarms").state == "0"
    seen = async_capture_events(hass, EVENT_STATE_CHANGED)
    is_closed.set()
    await polling
    open_alarms = alarm_state("open_alarms").entity_id
    states = [one for one in seen if one.data["entity_id"] == open_alarms]
    assert {str(getattr(one.data["new_state"], "state", "")) for one in states} <= {"0"}
    assert alarm_state("open_alarms").state == "0"
