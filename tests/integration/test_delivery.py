"""All events arrive once and in order, whatever kind of server sends them."""

from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events import event_delivery
from custom_components.xprotect_events.const import EVENT_LIVE
from custom_components.xprotect_events.engine.event_poll import EventPoll
from tests.integration.conftest import DeviceOf, Poll, payloads
from tests.integration.entries import load
from xprotect_simulator import Options, Simulator, StoredEvent, event_ids, times

UNKNOWN_GUID = "1b671a64-40d5-491e-99b0-da01ff1f3341"

# Variants in which servers are known, or expected, to read sessions.
BEHAVIOURS = {
    "as documented": (),
    "maxSize limits the window": ("window_reading",),
    "the window hides what left it": ("window_reading", "no_deletions"),
    "deletions are not pushed": ("no_deletions",),
    "wrapped in data": ("wrapped_session:data",),
    "wrapped in result": ("wrapped_session:result",),
    "created with 200": ("session_status:200",),
    "read at the short path": ("session_path:short",),
    "read at the long path": ("session_path:suffix",),
    "each row twice": ("event_repeated:reply",),
    "rows of the last reply again": ("event_repeated:next",),
    "out of order": ("out_of_order",),
    "filters on time ignored": ("time_filter_ignored",),
    "empty filters refused": ("empty_filters_refused",),
    "forgotten, 404": ("session_forgotten:count=2", "expiry_answer:404"),
    "forgotten, 400": ("session_forgotten:count=2", "expiry_answer:400"),
    "forgotten, 410": ("session_forgotten:count=2", "expiry_answer:410"),
    "forgotten at each read": ("session_forgotten:count=1000",),
    "no sessions at all": ("server_error:400:path=*/eventsessions*",),
}

# Small, so that 300 events fill sessions again and again.
FEW = 40


@pytest.mark.parametrize("faults", BEHAVIOURS.values(), ids=list(BEHAVIOURS))
async def test_three_hundred_events_arrive_once_each_in_order_and_whole(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    device_of: DeviceOf,
    monkeypatch: pytest.MonkeyPatch,
    faults: tuple[str, ...],
) -> None:
    """With every combination of known or likely variants of servers."""
    small = partial(EventPoll, page_size=FEW)
    monkeypatch.setattr(f"{event_delivery.__name__}.EventPoll", small)
    await load(hass, entry)
    seen = async_capture_events(hass, EVENT_LIVE)
    for fault in faults:
        simulator.faults.enable(fault)
    # Some concern the beginning of a session.
    simulator.sessions.forget_all()
    happened: list[StoredEvent] = []
    for portion in (3, 97, FEW, 0, 159, 1):
        happened += mixed_events(simulator, portion)
        await poll()
    await poll()
    assert payloads(seen) == [
        expected(simulator, event, entry, device_of) for event in happened
    ]
    assert len(seen) == 300
    names = {fault.partition(":")[0] for fault in faults}
    # Our sessions always have a filter and an order.
    assert names - simulator.faults.used.keys() <= {"empty_filters_refused"}


def mixed_events(simulator: Simulator, count: int) -> list[StoredEvent]:
    """Create events of every kind, one after the other."""
    world = simulator.world
    gate, siren = world.named("Gate"), world.named("Siren")
    plate = world.named("Licence plate read")
    gate_open = world.named("Gate open")
    camera, other = world.cameras[:2]
    acts = (
        lambda: world.emit(event_ids.MOTION_STARTED, camera),
        lambda: world.emit(event_ids.RECORDING_STARTED, other, tag="quoted 'tag'"),
        lambda: world.emit(plate.id, camera, data={"plate": "AB 12345"}),
        lambda: world.emit(gate_open.id),
        lambda: world.emit(event_ids.INPUT_ACTIVATED, gate),
        lambda: world.emit(event_ids.OUTPUT_DEACTIVATED, siren),
        lambda: world.emit(event_ids.PERIODIC_TIMER, world.site),
        lambda: world.emit(event_ids.COMMUNICATION_ERROR, other),
        lambda: world.emit(UNKNOWN_GUID, camera),
        lambda: world.record(UNKNOWN_GUID, None, ticks=None),
    )
    return [acts[number % len(acts)]() for number in range(count)]


def expected(
    simulator: Simulator,
    event: StoredEvent,
    entry: MockConfigEntry,
    device_of: DeviceOf,
) -> dict[str, Any]:
    """Return the expected data on the bus, from the server's events."""
    world = simulator.world
    event_type = world.event_types.get(event.type)
    group = world.state_groups.get((event_type and event_type.state_group) or "")
    source = world.find(event.source) if event.source else None
    has_device = source is not None and source.kind in {
        "cameras",
        "inputEvents",
        "outputs",
    }
    return {
        "entry_id": entry.entry_id,
        "device_id": device_of(
            source if source is not None and has_device else world.site
        ).id,
        "event_id": event.id,
        "local_id": event.local_id,
        "type": event_type.display_name if event_type else event.type,
        "type_id": event.type,
        "source": event.source,
        "source_type": source.kind if source else None,
        "source_name": source.name if source else None,
        "time": times.to_text(event.ticks),
        "state_group": group.display_name if group else None,
        "state": event_type.state if event_type else None,
        "tag": event.tag,
        "datatype": event.datatype,
        "data": event.data,
        "missed": False,
        "origin": "xprotect",
    }


@pytest.mark.parametrize(
    "simulator_options", [Options(scenario="home"), Options(scenario="storm:50")]
)
async def test_a_busy_site_is_followed_event_by_event(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, poll: Poll
) -> None:
    """The stored events and those on the bus must be the same, at any rate."""
    seen = async_capture_events(hass, EVENT_LIVE)
    assert await hass.config_entries.async_setup(entry.entry_id)
    for seconds in (3, 3, 20, 3, 3):
        await poll(seconds)
    # Events during the last poll.
    await poll(0.001)
    happened = [event.id for event in simulator.world.ledger.happened]
    assert len(happened) > 10
    assert [event.data["event_id"] for event in seen] == happened
