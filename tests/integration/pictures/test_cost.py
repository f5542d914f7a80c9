"""The cost of an event while pictures are on but not shown."""

import sys
from types import FrameType
from uuid import uuid4

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.api import Event, Source
from custom_components.xprotect_events.engine import recent_events
from custom_components.xprotect_events.engine.arrival import Arrival
from custom_components.xprotect_events.engine.recent_events import KEPT
from tests.integration.conftest import Poll
from tests.integration.entries import load, reload
from tests.integration.pictures.conftest import Happen
from xprotect_simulator import Item, ManualClock, Simulator, event_ids

# Seconds; longer than those between two states of an entity with the last event.
A_PAUSE = 11.0


def event(camera: Item, clock: ManualClock, number: int) -> Event:
    """Return an event that has just arrived."""
    return Event(
        f"00000000-0000-0000-0000-{number:012}",
        event_ids.MOTION_STARTED if number % 2 else event_ids.MOTION_STOPPED,
        Source.parse(camera.path),
        clock.now(),
        clock.now().isoformat(),
        number,
        None,
        None,
        None,
    )


def calls_of(entry: MockConfigEntry, camera: Item, clock: ManualClock) -> int:
    """Return the number of Python calls for a hundred events of a camera."""
    dispatcher = entry.runtime_data.dispatcher
    arrivals = [
        Arrival(event(camera, clock, number), clock.now()) for number in range(101)
    ]
    dispatcher.deliver(tuple(arrivals[:1]))
    calls = 0

    def count(_frame: FrameType, what: str, _argument: object) -> None:
        nonlocal calls
        calls += what == "call"

    sys.setprofile(count)
    try:
        dispatcher.deliver(tuple(arrivals[1:]))
    finally:
        sys.setprofile(None)
    return calls


async def test_pictures_add_no_python_call_to_an_event(
    hass: HomeAssistant,
    happen: Happen,
    loaded: MockConfigEntry,
    camera: Item,
    clock: ManualClock,
) -> None:
    """Calls are counted, because times vary on a busy machine; no request is made."""
    await happen(camera)
    pictures = loaded.runtime_data.pictures
    with_pictures = calls_of(loaded, camera, clock)
    await hass.async_block_till_done()
    assert pictures.recent.last().event_id.endswith("100")
    assert not any(one.ledger.calls for one in happen.simulator.recorders.all)
    options = {**loaded.options, "pictures": "off"}
    hass.config_entries.async_update_entry(loaded, options=options)
    await reload(hass, loaded)
    await happen(camera)
    without = calls_of(loaded, camera, clock)
    await hass.async_block_till_done()
    assert without > 1000
    assert with_pictures == without


async def test_events_of_others_push_out_no_event_of_a_camera(
    happen: Happen, loaded: MockConfigEntry, camera: Item, clock: ManualClock
) -> None:
    """A busy recorder must not make the pictures of quiet cameras unknown."""
    found = await happen(camera)
    recent = loaded.runtime_data.pictures.recent
    many = [event(camera, clock, number) for number in range(KEPT)]
    recorder = Source("recordingServers", "r")
    of_others = [one._replace(source=recorder) for one in many]
    deliver = loaded.runtime_data.dispatcher.deliver
    deliver(tuple(Arrival(one, clock.now()) for one in of_others))
    assert recent.last().event_id == found.id
    assert recent.find(found.id) == recent.last()
    deliver(tuple(Arrival(one, clock.now()) for one in many))
    assert recent.find(found.id) is None


async def test_cameras_that_do_not_exist_do_not_fill_the_memory(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server may name another one in every event, for weeks."""
    monkeypatch.setattr(recent_events, "KEPT", 2)
    await load(hass, entry)
    foreign = [str(uuid4()) for _ in range(6)]
    for guid in foreign:
        simulator.world.emit(event_ids.MOTION_STARTED, f"cameras/{guid}")
        await poll(A_PAUSE)
    last_event = entry.runtime_data.pictures.last_event
    assert last_event(None).camera_id == foreign[-1]
    assert [guid for guid in foreign if last_event(guid)] == foreign[-2:]
