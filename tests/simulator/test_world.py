"""The world: items, events and states."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from xprotect_simulator import (
    ManualClock,
    OptionError,
    Options,
    Simulator,
    event_ids,
)
from xprotect_simulator.happening.ledger import Ledger, StoredEvent
from xprotect_simulator.happening.world import World


def make_world(clock: ManualClock | None = None, seed: int = 1) -> World:
    """Return the world of a small site."""
    return Simulator(Options(seed=seed), clock=clock or ManualClock()).world


def test_the_same_seed_and_start_give_the_same_event_ids() -> None:
    """A later start gives others, because clients remember ids over a restart."""
    gate = make_world().named("Gate open").id
    start = datetime(2026, 3, 3, tzinfo=UTC)
    events = [
        make_world().emit(gate),
        make_world().emit(gate),
        make_world(ManualClock(start)).emit(gate),
        make_world(seed=2).emit(gate, "sites/x"),
    ]
    assert events[0].id == events[1].id
    assert len({event.id for event in events}) == 3


def test_events_of_one_instant_keep_their_order_by_time() -> None:
    """So tests can check whether a client keeps the order."""
    world = make_world()
    gate = world.named("Gate open").id
    made = [world.emit(gate) for _ in range(50)]
    times = [event.ticks for event in made]
    assert times == sorted(set(times))
    assert list(world.ledger.stored) == made


def test_a_clock_that_is_set_back_gives_events_earlier_times() -> None:
    """Skew is visible in event times."""
    world = make_world()
    gate = world.named("Gate open").id
    world.skew = timedelta(hours=1)
    first = world.emit(gate)
    world.skew = timedelta()
    second = world.emit(gate)
    assert first.time - second.time > timedelta(minutes=59)
    assert list(world.ledger.stored) == [second, first]
    assert world.ledger.happened == [first, second]


def test_a_state_is_that_of_the_last_event_even_if_the_clock_was_set_back() -> None:
    """The state does not depend on the wrong times."""
    world = make_world()
    camera = world.cameras[0]
    world.skew = timedelta(hours=1)
    world.emit(event_ids.MOTION_STARTED, camera)
    world.skew = timedelta()
    last = world.emit(event_ids.MOTION_STOPPED, camera)
    assert world.states[camera.path, event_ids.MOTION_GROUP] is last


def test_the_newest_event_of_a_source_and_group_is_its_state() -> None:
    """By event time: an older event that is stored later does not count."""
    world = make_world()
    camera = world.cameras[0]
    world.emit(event_ids.MOTION_STARTED, camera)
    past = world.clock.now() - timedelta(seconds=5)
    world.emit(event_ids.MOTION_STOPPED, camera, time=past)
    state = world.states[camera.path, event_ids.MOTION_GROUP]
    assert state.type == event_ids.MOTION_STARTED
    world.emit(event_ids.PERIODIC_TIMER, world.site)
    world.emit(event_ids.MOTION_STARTED)
    assert len(world.states) == 1


def test_a_change_of_the_configuration_is_an_event() -> None:
    """Clients then read the lists again."""
    world = make_world()
    camera = world.add_camera("Attic")
    world.rename(camera, "Loft")
    world.disable(camera.path)
    world.remove(camera.parent or "")
    changes = [
        (event.data or {})
        for event in world.ledger.happened
        if event.type == event_ids.CONFIGURATION_CHANGED
    ]
    assert [one["Action"] for one in changes] == [
        "Added",
        "Added",
        "Changed",
        "Changed",
        "Removed",
        "Removed",
    ]
    assert changes[2]["RelatedItem"] == {"Path": camera.path, "Name": "Loft"}
    assert world.find(camera.path) is None
    assert len(world.cameras) == 6


def test_added_items_can_be_found_and_used() -> None:
    """Two cameras without a name get different ones."""
    world = make_world()
    first, second = world.add_camera(), world.add_camera()
    assert first.name != second.name
    assert world.last_camera == second
    mine = world.add_user_defined_event("Mine")
    assert world.emit(mine.id).source == mine.path
    world.remove(mine)
    assert world.find(mine.path) is None


def test_unknown_items_cannot_be_changed() -> None:
    """A typing mistake in a test must not be ignored."""
    world = make_world()
    with pytest.raises(OptionError, match="there is no 'cameras/x'"):
        world.rename("cameras/x", "y")
    with pytest.raises(OptionError, match="nothing here is called 'x'"):
        world.named("x")


@given(
    st.lists(
        st.tuples(
            st.integers(min_value=0, max_value=50),
            st.integers(min_value=0, max_value=50),
        )
    ),
    st.integers(min_value=0, max_value=60),
)
def test_stored_events_are_sorted_by_time_whenever_they_arrive(
    arrivals: list[tuple[int, int]], now: int
) -> None:
    """Compared with the simple definition: filter, then sort."""
    ledger = Ledger()
    events = [
        StoredEvent(id=f"{number}", local_id=number, type="t", source=None, ticks=time)
        for number, (time, _) in enumerate(arrivals)
    ]
    for event, (_, store_at) in zip(events, arrivals, strict=True):
        ledger.add(event, store_at=store_at)
    ledger.settle(now)
    stored = [
        event
        for event, (_, store_at) in zip(events, arrivals, strict=True)
        if store_at <= now
    ]
    stored.sort(key=lambda event: (event.ticks, event.local_id))
    assert list(ledger.stored) == stored
    assert sorted(ledger.storing_log, key=lambda event: event.order) == stored
    assert ledger.happened == events
    between = ledger.stored[ledger.between(10, 20)]
    assert between == [event for event in stored if 10 <= event.ticks < 20]
