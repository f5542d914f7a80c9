"""Scenarios: repeatable, consistent, never quiet where promised."""

import asyncio
from collections import Counter
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from xprotect_simulator import (
    ManualClock,
    OptionError,
    Options,
    Simulator,
    StoredEvent,
    event_ids,
)
from xprotect_simulator.identifiers import seeded
from xprotect_simulator.scenarios.script import Script
from xprotect_simulator.scenarios.stage import Stage

HOUR = 3600
# The stories that are always played first.
A_TOUR = timedelta(minutes=2)

# The event type that must be between two of a type at the same source.
PAIRS = {
    event_ids.MOTION_STARTED: event_ids.MOTION_STOPPED,
    event_ids.RECORDING_STARTED: event_ids.RECORDING_STOPPED,
    event_ids.INPUT_ACTIVATED: event_ids.INPUT_DEACTIVATED,
    event_ids.OUTPUT_ACTIVATED: event_ids.OUTPUT_DEACTIVATED,
    event_ids.COMMUNICATION_ERROR: event_ids.COMMUNICATION_STARTED,
    event_ids.HARDWARE_COMMUNICATION_ERROR: event_ids.HARDWARE_COMMUNICATION_STARTED,
}


async def happenings(
    scenario: str, seconds: float, *, cameras: int = 6, seed: int = 1, hour: int = 6
) -> tuple[Simulator, list[StoredEvent]]:
    """Play a scenario for some time, and return its events."""
    clock = ManualClock(datetime(2026, 3, 2, hour, tzinfo=UTC))
    options = Options(scenario=scenario, cameras=cameras, seed=seed)
    async with Simulator(options, clock=clock) as sim:
        await clock.advance(seconds)
    return sim, sim.world.ledger.happened


def assert_consistent(events: list[StoredEvent]) -> None:
    """Check that pairs alternate on every source, and recording follows motion."""
    state: dict[tuple[str | None, str], str] = {}
    for event in events:
        for on, off in PAIRS.items():
            if event.type in (on, off):
                assert state.get((event.source, on)) != event.type
                state[event.source, on] = event.type
        if event.type == event_ids.RECORDING_STARTED:
            motion = state[event.source, event_ids.MOTION_STARTED]
            assert motion == event_ids.MOTION_STARTED


@pytest.mark.parametrize("cameras", [1, 6, 40])
async def test_a_day_at_home_is_consistent_and_never_quiet(cameras: int) -> None:
    """At least one event every five seconds, with states from the start."""
    sim, events = await happenings("home", HOUR / 3, cameras=cameras)
    first = {(event.type, event.source) for event in events[: 4 * cameras + 20]}
    for camera in sim.world.cameras:
        assert (event_ids.MOTION_STOPPED, camera.path) in first
    gaps = [after.time - before.time for before, after in pairwise(events)]
    assert max(gaps) <= timedelta(seconds=5)
    assert_consistent(events)


@pytest.mark.parametrize(
    ("hour", "names"),
    [
        (8, {"Doorbell pressed", "Licence plate read", "Parcel arrived"}),
        (19, {"Doorbell pressed", "Licence plate read", "Good night", "Panic"}),
        (2, {"Good night", "Panic"}),
    ],
)
async def test_each_time_of_day_has_its_stories(hour: int, names: set[str]) -> None:
    """Doorbell, licence plate, gate, siren and alarm; no visitor at night."""
    sim, events = await happenings("home", HOUR / 2, hour=hour)
    assert_consistent(events)
    events = [event for event in events if event.time - events[0].time > A_TOUR]
    happened = {event.type for event in events}
    own = {
        one.name
        for one in (*sim.world.user_defined_events, *sim.world.analytics_events)
        if one.id in happened
    }
    assert own == names
    assert event_ids.OUTPUT_ACTIVATED in happened
    assert event_ids.HARDWARE_COMMUNICATION_ERROR in happened
    # The gate opens for a car, and its user-defined event is left to users.
    is_driven = "Licence plate read" in names
    assert (event_ids.INPUT_ACTIVATED in happened) == is_driven


@pytest.mark.parametrize("hour", [8, 2])
async def test_the_house_has_every_story_within_two_minutes(hour: int) -> None:
    """Users of the demo need not wait for the evening."""
    sim, events = await happenings("home", A_TOUR.total_seconds(), hour=hour)
    type_ids = {event.type for event in events}
    names = ("Doorbell pressed", "Licence plate read", "Good night", "Parcel arrived")
    for name in names:
        assert sim.world.named(name).id in type_ids
    assert event_ids.INPUT_ACTIVATED in type_ids
    assert event_ids.OUTPUT_ACTIVATED in type_ids
    assert event_ids.COMMUNICATION_ERROR in type_ids


async def test_a_licence_plate_is_in_the_data() -> None:
    """Analytics events are read with `include=data`."""
    sim, events = await happenings("home", HOUR / 2)
    plates = sim.world.named("Licence plate read").id
    plate = next(event for event in events if event.type == plates)
    assert plate.datatype == "analytics"
    assert "AB " in str((plate.data or {})["description"])


async def test_home_continues_without_deleted_items() -> None:
    """Everything that the stories need may be deleted."""
    clock = ManualClock()
    sim = Simulator(Options(scenario="home"), clock=clock)
    async with sim:
        for name in ("Doorbell pressed", "Licence plate read", "Parcel arrived"):
            sim.world.remove(sim.world.named(name))
        sim.world.disable(sim.world.cameras[0])
        before = len(sim.world.ledger.happened)
        await clock.advance(HOUR / 3)
        assert len(sim.world.ledger.happened) > before + 200
        for camera in sim.world.cameras:
            sim.world.remove(camera)
        before = len(sim.world.ledger.happened)
        await clock.advance(HOUR / 3)
    assert len(sim.world.ledger.happened) >= before + HOUR / 3 / 5


async def test_the_same_seed_plays_the_same_day() -> None:
    """Including the ids of all events."""
    _, first = await happenings("home", 600)
    _, second = await happenings("home", 600)
    _, other = await happenings("home", 600, seed=2)
    assert first == second
    assert [event.type for event in first] != [event.type for event in other]


async def test_a_storm_keeps_its_rate_and_its_states() -> None:
    """A hundred events each second, all of them plausible."""
    _, events = await happenings("storm:100", 10, cameras=20)
    assert 990 <= len(events) <= 1010
    assert_consistent(events)
    _, events = await happenings("storm", 1)
    assert 190 <= len(events) <= 210


async def test_quiet_and_still_have_no_further_events() -> None:
    """One with initial states, one without."""
    _, events = await happenings("quiet", 24 * HOUR)
    assert events == []
    _, events = await happenings("still", 24 * HOUR)
    kinds = Counter((one.source or "").partition("/")[0] for one in events)
    assert kinds == {
        "cameras": 3 * 6,
        "hardware": 3,
        "inputEvents": 1,
        "outputs": 2,
        "recordingServers": 8,
    }


@pytest.mark.parametrize(("groups", "states"), [(0, 0), (4, 4), (99, 10)])
async def test_a_scenario_can_start_with_old_states(groups: int, states: int) -> None:
    """As many for each camera as at large sites, from before any client."""
    sim, events = await happenings(f"still:{groups}", 0)
    assert len(sim.world.states) == len(events)
    assert len(events) == states * 6 + len(sim.world.items("hardware"))
    assert all(event.time < sim.clock.now() for event in events)


async def test_a_site_can_have_a_day_of_history() -> None:
    """So a client has a day of events to catch up on."""
    sim, events = await happenings("history:1000", 0)
    assert len(sim.world.ledger.stored) == len(events) == 1000
    now = sim.clock.now()
    assert events[0].time == now - timedelta(days=1)
    assert now - timedelta(minutes=2) < events[-1].time < now
    assert_consistent(events)


async def test_scenarios_can_be_combined() -> None:
    """For example, a large site with states, and a storm."""
    _, events = await happenings("still:1+storm:10", 10)
    recent = [event for event in events if event.time.hour == 6]
    assert 95 <= len(recent) < len(events) <= 120


def test_a_site_without_a_camera_is_refused() -> None:
    """Most parts of the simulator need one."""
    with pytest.raises(OptionError, match="at least one camera"):
        Simulator(Options(cameras=0))


@pytest.mark.parametrize(
    "scenario",
    [
        "rain",
        "storm:hard",
        "storm:0",
        "storm:inf",
        "still:much",
        "history:0",
        "quiet+rain",
    ],
)
def test_an_unknown_scenario_is_refused(scenario: str) -> None:
    """Before any port is open."""
    with pytest.raises(OptionError):
        Simulator(Options(scenario=scenario))


async def test_a_scenario_continues_after_a_restart_of_the_server() -> None:
    """Events also happen while no client is connected."""
    clock = ManualClock()
    sim = Simulator(Options(scenario="home"), clock=clock)
    await sim.start()
    port = sim.port
    await clock.advance(60)
    await sim.stop()
    before = len(sim.world.ledger.happened)
    await sim.start()
    assert sim.port == port
    await clock.advance(60)
    await sim.stop()
    await sim.stop()
    assert len(sim.world.ledger.happened) > before
    assert_consistent(sim.world.ledger.happened)


async def test_a_storm_that_cannot_keep_up_lets_the_server_answer() -> None:
    """Too many events must not stop everything else."""
    seen: list[int] = []
    done = 0

    def busy() -> Generator[float]:
        nonlocal done
        for _ in range(200):
            done += 1
            yield 0

    async def neighbour() -> None:
        while done < 200:
            seen.append(done)
            await asyncio.sleep(0)

    script = Script()
    script.add(busy())
    await asyncio.gather(script.play(ManualClock()), neighbour())
    assert len(seen) >= 5


async def test_a_scene_waits_until_the_camera_rests() -> None:
    """A visitor is seen before the doorbell rings."""
    clock = ManualClock()
    world = Simulator(Options(), clock=clock).world
    stage = Stage(world, seeded("test"))
    camera = world.cameras[0]
    unit = world.inventory.get(camera.parent or "")
    script = Script()
    for actor in (stage.visit(camera, 5), stage.visit(camera, 5), stage.lose(unit, 5)):
        script.add(actor)
    playing = asyncio.create_task(script.play(clock))
    await clock.advance(60)
    await playing
    events = world.ledger.happened
    assert_consistent(events)
    assert [event.type for event in events].count(event_ids.MOTION_STARTED) == 2
    assert events[-1].type == event_ids.COMMUNICATION_STARTED


async def test_a_moving_gate_is_not_opened_again() -> None:
    """It is already open."""
    world = Simulator(Options(), clock=ManualClock()).world
    stage = Stage(world, seeded("test"))
    gate = world.items("inputEvents")[0]
    next(stage.switch(gate, 5))
    before = len(world.ledger.happened)
    assert list(stage.switch(gate, 5)) == []
    assert len(world.ledger.happened) == before
