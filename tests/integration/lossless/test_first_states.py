"""Entities become available with their states, and are not unknown for a moment."""

import asyncio
from collections.abc import Iterable

from homeassistant.const import Platform
from homeassistant.core import Context
import pytest

from custom_components.xprotect_events.api import Event
from custom_components.xprotect_events.engine.state_questions import PATIENCE
from custom_components.xprotect_events.engine.states import Question, States
from tests.integration.lossless.scene import Scene
from xprotect_simulator import event_ids

# Longer than any test waits for it.
SLOW = "ws_slow_state:60"
# Seconds; twice as long is less than the entities wait.
SHORT = PATIENCE / 4
POLLS_FAIL = "server_error:500:path=/api/rest/v1/event[s]*"


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Use the default options: push, with polls as an audit."""
    return {}


@pytest.fixture
async def unloaded(unset_scene: Scene) -> Scene:
    """Return an unloaded site with motion that only `getState` returns."""
    scene = unset_scene
    await scene.set_up()
    for type_id in (event_ids.MOTION_STARTED, event_ids.MOTION_STOPPED):
        scene.simulator.world.set_retention(type_id, 0)
    scene.emit()
    await scene.time.passes(5)
    await scene.unload()
    return scene


async def start(scene: Scene) -> None:
    """Set the integration up, and let a moment pass."""
    await scene.set_up()
    await scene.time.passes(SHORT)


def motion_id(scene: Scene) -> str:
    """Return the sensor of motion at the camera."""
    return scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion")


async def test_a_start_shows_each_state_once(unloaded: Scene) -> None:
    """Automations with `from: unknown` would run, and all sensors be written twice."""
    scene = unloaded
    seen = scene.watch(motion_id(scene))
    await start(scene)
    assert scene.delivery == "push"
    assert seen == ["on"]


async def test_the_end_of_an_outage_shows_each_state_once(unloaded: Scene) -> None:
    """All states are requested then, too."""
    scene = unloaded
    await scene.set_up()
    faults = scene.simulator.faults
    for fault in ("ws_unavailable:503", "ws_resume_refused", POLLS_FAIL):
        faults.enable(fault)
    scene.simulator.sockets.drop_all()
    await scene.time.passes(30)
    assert scene.motion == "unavailable"
    scene.emit()
    seen = scene.watch(motion_id(scene))
    faults.disable("ws_unavailable")
    await scene.time.passes(30)
    assert (scene.delivery, seen) == ("push", ["off"])


async def test_an_answer_that_has_arrived_is_waited_for(
    unloaded: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To take 16,000 states takes longer than two seconds on a slow machine."""
    scene = unloaded
    take = States.take_answer

    async def take_slowly(
        states: States[Context], question: Question, events: Iterable[Event]
    ) -> None:
        await asyncio.sleep(2 * PATIENCE)
        await take(states, question, events)

    monkeypatch.setattr(States, "take_answer", take_slowly)
    seen = scene.watch(motion_id(scene))
    await scene.set_up()
    await scene.time.passes(3 * PATIENCE)
    assert seen == ["on"]


async def test_events_do_not_wait_for_a_slow_answer(unloaded: Scene) -> None:
    """They are on the bus at once; entities show them two seconds later at most."""
    scene = unloaded
    event_id = scene.entity_id(Platform.EVENT, scene.camera, "event")
    seen = scene.watch(event_id)
    scene.simulator.faults.enable(SLOW)
    await start(scene)
    event = scene.emit()
    await scene.time.passes(SHORT)
    assert scene.bus.ids[-1] == event.id
    assert (scene.delivery, scene.motion) == ("down", "unavailable")
    await scene.time.passes(PATIENCE - SHORT)
    assert (scene.delivery, scene.motion) == ("push", "off")
    state = scene.hass.states.get(event_id)
    assert state is not None
    assert state.attributes["event_id"] == event.id
    # Triggers ignore the first state after unavailable.
    assert len(seen) == 2


@pytest.mark.parametrize("answer", ["refused", "empty"])
async def test_without_states_of_the_server_nothing_waits(
    unloaded: Scene, answer: str
) -> None:
    """There is nothing to wait for."""
    scene = unloaded
    if answer == "empty":
        scene.simulator.world.states.clear()
    else:
        scene.simulator.faults.enable("ws_refused:getState")
    await start(scene)
    assert (scene.delivery, scene.motion) == ("push", "unknown")


async def test_a_stream_that_ends_before_its_answer_leaves_nothing_unavailable(
    unloaded: Scene,
) -> None:
    """The poll goes on without it."""
    scene = unloaded
    scene.simulator.faults.enable(SLOW)
    await start(scene)
    assert scene.motion == "unavailable"
    scene.simulator.faults.enable("ws_unavailable:503")
    scene.simulator.sockets.drop_all()
    await scene.time.passes(SHORT)
    assert scene.delivery == "poll"
    assert scene.motion != "unavailable"


async def test_states_before_an_outage_are_forgotten_even_if_they_were_not_shown(
    unloaded: Scene,
) -> None:
    """The stream ended before its answer, and motion has ended since."""
    scene = unloaded
    faults = scene.simulator.faults
    for fault in (SLOW, "ws_resume_refused", POLLS_FAIL):
        faults.enable(fault)
    await start(scene)
    scene.emit(2)
    await scene.time.passes(SHORT)
    faults.enable("ws_unavailable:503")
    scene.simulator.sockets.drop_all()
    await scene.time.passes(60)
    scene.emit()
    faults.disable("ws_unavailable")
    while scene.delivery != "push":
        await scene.time.passes(1)
    assert scene.motion == "unknown"


async def test_lists_that_are_read_before_the_subscription_do_not_renew_it(
    unloaded: Scene,
) -> None:
    """A start reads them in the background; a second stream would interrupt push."""
    scene = unloaded
    scene.simulator.faults.enable("slow:1:path=/api/ws/*:count=1")
    seen = scene.watch(motion_id(scene))
    await scene.set_up()
    await scene.time.passes(10)
    assert scene.entry.runtime_data.statistics.streams_opened == 1
    assert seen[-1] == "on"
