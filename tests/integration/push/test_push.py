"""Events that are pushed, and the polls that audit them."""

import asyncio
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events.api import Event, Events, NewEvent
from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from tests.integration.conftest import StateOf
from tests.integration.push.conftest import TimeMachine, delivery, reads, until
from xprotect_simulator import (
    Options,
    Simulator,
    event_ids,
)


@pytest.mark.usefixtures("pushing")
async def test_a_pushed_event_needs_no_request(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """A light must be on before the person has taken a step."""
    seen = async_capture_events(hass, EVENT_LIVE)
    event = simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await until(lambda: bool(seen))
    assert seen[0].data["event_id"] == event.id
    assert not any(event.id in request.path for request in simulator.requests)


@pytest.mark.usefixtures("pushing")
async def test_an_event_and_its_changes_have_one_context(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """The logbook shows which event has turned the sensor on."""
    seen = async_capture_events(hass, EVENT_LIVE)
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await until(lambda: bool(seen))
    changed = [
        state
        for state in hass.states.async_all(("binary_sensor", "event"))
        if state.context.id == seen[0].context.id
    ]
    assert sorted(state.domain for state in changed) == ["binary_sensor", "event"]


@pytest.mark.usefixtures("pushing")
async def test_pushed_events_are_not_delivered_again_by_a_poll(
    hass: HomeAssistant, simulator: Simulator, pass_time: TimeMachine
) -> None:
    """An automation that runs twice opens the gate and closes it again."""
    seen = async_capture_events(hass, EVENT_LIVE)
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await until(lambda: bool(seen))
    before = reads(simulator)
    await pass_time(31)
    await until(lambda: reads(simulator) > before)
    await hass.async_block_till_done()
    assert len(seen) == 1


@pytest.mark.usefixtures("pushing")
async def test_while_events_are_pushed_the_server_is_asked_twice_a_minute(
    simulator: Simulator, pass_time: TimeMachine
) -> None:
    """A server may have a hundred clients."""
    before = len(simulator.requests)
    for _ in range(12):
        await pass_time(5)
    # One more request, soon after the start, checks which types are stored.
    assert 1 <= len(simulator.requests) - before <= 3


async def test_events_that_are_not_stored_arrive_by_push(
    hass: HomeAssistant,
    pushing: MockConfigEntry,
    simulator: Simulator,
    pass_time: TimeMachine,
) -> None:
    """Many types have a retention of 0; their states would be unknown for ever."""
    seen = async_capture_events(hass, EVENT_LIVE)
    simulator.world.set_retention(event_ids.MOTION_STARTED, 0)
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await until(lambda: "Motion Started" in [event.data["type"] for event in seen])
    before = reads(simulator)
    for _ in range(3):
        await pass_time(31)
    assert reads(simulator) > before
    assert pushing.runtime_data.statistics.audit_finds == 0


@pytest.mark.usefixtures("pushing")
async def test_an_audit_that_fails_while_events_are_pushed_changes_nothing(
    hass: HomeAssistant, simulator: Simulator, pass_time: TimeMachine
) -> None:
    """The stream works, and the next audit finds events that it may have missed."""
    seen = async_capture_events(hass, EVENT_LIVE)
    simulator.faults.enable("server_error:503:path=/api/rest/*")
    for _ in range(3):
        await pass_time(31)
    assert delivery(hass) == "push"
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await until(lambda: bool(seen))


@pytest.mark.usefixtures("pushing")
async def test_without_polling_events_come_by_push_or_not_at_all(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    pass_time: TimeMachine,
) -> None:
    """The delivery sensor shows it."""
    hass.config_entries.async_update_entry(entry, pref_disable_polling=True)
    seen = async_capture_events(hass, EVENT_LIVE)
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await until(lambda: bool(seen))
    assert delivery(hass) == "push"
    simulator.faults.enable("ws_unavailable:503")
    simulator.sockets.drop_all()
    await until(lambda: delivery(hass) != "push")
    await pass_time(3)
    await until(lambda: delivery(hass) == "down")


async def test_states_are_known_from_the_start(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    binary_state: StateOf,
) -> None:
    """The server has them although none of the events is stored."""
    camera = simulator.world.cameras[0]
    simulator.world.set_retention(event_ids.MOTION_STARTED, 0)
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: binary_state(camera, "motion") == "on")
    assert binary_state(simulator.world.cameras[1], "motion") == "unknown"


@pytest.mark.parametrize("fault", [None, "ws_resume_refused"])
async def test_nothing_is_lost_when_the_stream_breaks_off(
    hass: HomeAssistant,
    simulator: Simulator,
    pushing: MockConfigEntry,
    pass_time: TimeMachine,
    fault: str | None,
) -> None:
    """The gateway is recycled every day; resumed or not, events arrive once."""
    seen = async_capture_events(hass, EVENT_LIVE)
    world = simulator.world
    first = world.emit(event_ids.MOTION_STARTED, world.cameras[0])
    await until(lambda: len(seen) == 1)
    if fault:
        simulator.faults.enable(fault)
    simulator.sockets.drop_all()
    await until(lambda: delivery(hass) == "poll")
    second = world.emit(event_ids.MOTION_STARTED, world.cameras[1])
    await pass_time(3)
    await until(lambda: delivery(hass) == "push")
    third = world.emit(event_ids.MOTION_STARTED, world.cameras[2])
    await until(lambda: len(seen) == 3)
    assert [event.data["event_id"] for event in seen] == [first.id, second.id, third.id]
    statistics = pushing.runtime_data.statistics
    assert statistics.streams_opened == 2
    assert statistics.streams_resumed == (0 if fault else 1)


@pytest.mark.usefixtures("pushing")
async def test_our_own_event_is_recognised_before_the_reply_to_its_trigger(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: Simulator
) -> None:
    """The logbook names the automation that triggered it, and there is no loop."""
    seen = async_capture_events(hass, EVENT_LIVE)
    events = entry.runtime_data.client.events
    pushed = asyncio.Event()

    async def trigger(new: NewEvent) -> Event:
        taken = await Events.trigger(events, new)
        await pushed.wait()
        return taken

    context = Context()
    with patch.object(events, "trigger", trigger):
        action = hass.async_create_task(
            hass.services.async_call(
                DOMAIN,
                "trigger_event",
                {"config_entry_id": entry.entry_id, "event": "Gate open"},
                blocking=True,
                context=context,
            )
        )
        # The event was pushed before this one, which has another type and does not
        # wait.
        await until(lambda: len(simulator.world.ledger.happened) == 1)
        simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
        await until(lambda: len(seen) == 1)
        pushed.set()
        await action
    await until(lambda: len(seen) == 2)
    seen.reverse()
    assert seen[0].data["origin"] == "home_assistant"
    assert seen[0].context is context


@pytest.mark.usefixtures("pushing")
async def test_the_data_of_a_pushed_analytics_event_is_completed(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """The licence plate is in the data, which not every server pushes."""
    simulator.faults.enable("ws_bare")
    seen = async_capture_events(hass, EVENT_LIVE)
    analytics = simulator.world.analytics_events[0]
    simulator.world.emit(
        analytics.id, simulator.world.cameras[0], data={"Description": "AB 123"}
    )
    await until(lambda: bool(seen))
    assert seen[0].data["data"] == {"Description": "AB 123"}


@pytest.mark.parametrize("entry_options", [{"event_types": [event_ids.MOTION_STOPPED]}])
@pytest.mark.usefixtures("pushing")
async def test_events_that_were_not_chosen_only_change_states(
    hass: HomeAssistant, simulator: Simulator, binary_state: StateOf
) -> None:
    """Otherwise a filter on motion would leave the sensor on for ever."""
    seen = async_capture_events(hass, EVENT_LIVE)
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await until(lambda: binary_state(camera, "motion") == "on")
    simulator.world.emit(event_ids.MOTION_STOPPED, camera)
    await until(lambda: binary_state(camera, "motion") == "off")
    assert [event.data["type"] for event in seen] == ["Motion Stopped"]


@pytest.mark.parametrize("simulator_options", [Options(scenario="quiet", cameras=2)])
@pytest.mark.usefixtures("pushing")
async def test_a_server_that_comes_back_is_followed_again(
    hass: HomeAssistant,
    simulator: Simulator,
    pass_time: TimeMachine,
    binary_state: StateOf,
) -> None:
    """Windows updates restart the server once a month, at night."""
    camera = simulator.world.cameras[0]
    await simulator.stop()
    await pass_time(3)
    await until(lambda: delivery(hass) == "down")
    assert binary_state(camera, "motion") == "unavailable"
    await simulator.start()
    for _ in range(8):
        await pass_time(61)
        if delivery(hass) == "push":
            break
    await until(lambda: delivery(hass) == "push")
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await until(lambda: binary_state(camera, "motion") == "on")
