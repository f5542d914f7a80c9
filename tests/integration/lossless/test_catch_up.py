"""Missed events: how far back the catch-up reads, and how they arrive."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, callback
import pytest

from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.engine import event_poll
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.engine.event_poll import PAGE_SIZE
from custom_components.xprotect_events.journal import Journal
from tests.integration.lossless.scene import BUS_EVENTS, Scene
from xprotect_simulator import event_ids

HOUR = 3600
# More than the feed remembers, and more than the bus gets at once.
MANY = 21_000
# The number of events that the intake delivers in one turn of the event loop.
PORTION = 200


class Turns:
    """Counts the events of each turn of the event loop."""

    def __init__(self, scene: Scene) -> None:
        self.most = 0
        self._count = 0
        for event_type in BUS_EVENTS:
            scene.hass.bus.async_listen(event_type, self._note)

    @callback
    def _note(self, _event: Event) -> None:
        if not self._count:
            asyncio.get_running_loop().call_soon(self._next)
        self._count += 1

    def _next(self) -> None:
        self.most = max(self.most, self._count)
        self._count = 0


def journal_of(scene: Scene, folder: Path) -> Journal:
    """Return the journal of the position."""
    return Journal(path=folder / f"{DOMAIN}.{scene.entry.entry_id}.journal")


def stored_position(scene: Scene, storage: dict[str, Any], folder: Path) -> Checkpoint:
    """Return the position that a crash would leave."""
    stored = storage[f"{DOMAIN}.{scene.entry.entry_id}"]["data"]
    times = {
        event_id: datetime.fromisoformat(time)
        for event_id, time in stored["remembered"].items()
    }
    whole = Checkpoint(
        cursor=datetime.fromisoformat(stored["cursor"]),
        low_watermark=datetime.fromisoformat(stored["horizon"]),
        complete_at=datetime.fromisoformat(stored["complete_at"]),
        remembered=times,
    )
    return journal_of(scene, folder).applied_to(whole, stored["journal"])


async def test_a_catch_up_is_shown_and_its_number_of_events_logged(
    scene: Scene,
) -> None:
    """It explains a hundred notifications in the morning."""
    delivery = scene.watch(scene.delivery_id)
    scene.simulator.faults.enable("event_server_down")
    await scene.busy_time(HOUR)
    missed = HOUR // 5
    scene.simulator.faults.clear()
    await scene.time.passes(65)
    scene.assert_everything_arrived_once()
    assert delivery == ["down", "catching_up", "poll"]
    (line,) = scene.lines("Caught up")
    # Those of the overlap were delivered before.
    assert f"{missed} events" in line


async def test_states_change_once_when_a_catch_up_is_over(scene: Scene) -> None:
    """The motion of last night must not switch the lights on and off again."""
    motion = scene.watch(
        scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion")
    )
    scene.simulator.faults.enable("event_server_down")
    await scene.busy_time(605)
    scene.simulator.faults.clear()
    await scene.time.passes(65)
    assert motion == ["unavailable", scene.expected_motion]
    assert scene.motion == "on"


@pytest.mark.parametrize("entry_options", [{"delivery": "poll", "catch_up_hours": 1}])
async def test_events_before_the_limit_are_skipped_and_their_span_is_logged(
    scene: Scene,
) -> None:
    """The log has the span of the skipped events; states are still right."""
    await scene.unload()
    before = len(scene.bus.events)
    too_long_ago = scene.emit(5)
    await scene.time.passes(2 * HOUR)
    wanted = [scene.emit() for _ in range(2)]
    await scene.time.passes(HOUR / 2)
    await scene.set_up()
    await scene.busy_time(10)
    delivered = scene.bus.ids[before:]
    assert too_long_ago.id not in delivered
    assert delivered == [event.id for event in (*wanted, *scene.emitted[-2:])]
    assert len(scene.lines("are skipped")) == 1
    assert scene.motion == scene.expected_motion


@pytest.mark.parametrize("entry_options", [{"delivery": "poll", "catch_up_hours": 0}])
async def test_without_a_catch_up_new_events_arrive(scene: Scene) -> None:
    """The state at the end of an outage is still shown."""
    await scene.unload()
    before = len(scene.bus.events)
    scene.emit(3)
    await scene.time.passes(HOUR)
    await scene.set_up()
    assert len(scene.bus.events) == before
    assert scene.motion == scene.expected_motion
    await scene.busy_time(60)
    assert len(scene.bus.events) == before + 12
    assert not scene.bus.missed


@pytest.mark.parametrize(
    ("entry_options", "hours"),
    [
        ({"delivery": "poll", "catch_up_hours": 0}, 0),
        ({"delivery": "poll", "catch_up_hours": 1}, 1),
    ],
)
async def test_the_limit_is_counted_from_the_end_of_an_outage(
    scene: Scene, hours: int
) -> None:
    """The failed attempts during an outage do not end it."""
    before = len(scene.bus.events)
    scene.simulator.faults.enable("event_server_down")
    await scene.busy_time(2 * HOUR)
    assert not scene.lines("are skipped")
    scene.simulator.faults.clear()
    await scene.time.passes(65)
    delivered = scene.bus.ids[before:]
    # The first successful attempt follows within a minute.
    wanted = hours * HOUR // 5
    assert wanted - 13 <= len(delivered) <= wanted
    newest = [event.id for event in scene.emitted]
    assert delivered == newest[len(newest) - len(delivered) :]
    assert len(scene.lines("are skipped")) == 1
    assert scene.motion == scene.expected_motion


@pytest.mark.parametrize("entry_options", [{"delivery": "poll", "catch_up_hours": 1}])
async def test_an_interrupted_catch_up_continues_where_it_was(scene: Scene) -> None:
    """The limit of the catch-up does not move while it is running."""
    await scene.unload()
    scene.emit(2 * PAGE_SIZE)
    await scene.time.passes(HOUR - 60)
    enough = len(scene.bus.events) + PAGE_SIZE // 2

    @callback
    def break_off(_event: Event) -> None:
        if len(scene.bus.events) == enough:
            scene.simulator.faults.enable("event_server_down")

    scene.hass.bus.async_listen(BUS_EVENTS[1], break_off)
    await scene.set_up()
    await scene.time.passes(300)
    assert enough <= len(scene.bus.events) < len(scene.emitted)
    scene.simulator.faults.clear()
    await scene.time.passes(65)
    scene.assert_everything_arrived_once()


@pytest.mark.parametrize("entry_options", [{"delivery": "poll", "catch_up_hours": 1}])
async def test_states_that_may_have_changed_in_an_outage_are_unknown(
    scene: Scene,
) -> None:
    """A light must not stay on because of motion that ended yesterday."""
    world = scene.simulator.world
    busy = world.cameras[1]
    scene.emit()
    await scene.time.passes(5)
    assert scene.motion == "on"
    scene.simulator.faults.enable("event_server_down")
    await scene.time.passes(60)
    # Longer than the catch-up, and than the search for states.
    scene.emit()
    for _ in range(PAGE_SIZE + 1):
        world.emit(event_ids.MOTION_STARTED, busy)
    await scene.time.passes(2 * HOUR)
    scene.simulator.faults.clear()
    with patch.object(event_poll, "STATE_PAGES", 1):
        await scene.time.passes(65)
    assert scene.delivery == "poll"
    assert scene.motion == "unknown"
    assert scene.state(Platform.BINARY_SENSOR, busy, "motion") == "on"
    await scene.busy_time(5)
    assert scene.motion == scene.expected_motion


async def test_a_long_catch_up_blocks_nothing_and_its_ids_are_forgotten(
    scene: Scene,
) -> None:
    """A busy site after an outage of a day must not block Home Assistant."""
    await scene.unload()
    scene.emit(MANY)
    await scene.time.passes(HOUR)
    turns = Turns(scene)
    await scene.set_up()
    await scene.busy_time(10)
    scene.assert_everything_arrived_once()
    assert 0 < turns.most <= PORTION
    assert (
        len(scene.entry.runtime_data.feed.checkpoint().trimmed().remembered) <= 20_000
    )


async def test_an_unload_in_the_middle_of_a_catch_up_loses_and_repeats_nothing(
    scene: Scene,
) -> None:
    """Users change options when they get many notifications."""
    await scene.unload()
    scene.emit(3000)
    await scene.time.passes(HOUR)
    enough = len(scene.bus.events) + 1300
    unloading: list[asyncio.Task[bool]] = []

    @callback
    def unload(_event: Event) -> None:
        if len(scene.bus.events) == enough:
            entries = scene.hass.config_entries
            task = asyncio.create_task(entries.async_unload(scene.entry.entry_id))
            unloading.append(task)

    scene.hass.bus.async_listen(BUS_EVENTS[1], unload)
    await scene.set_up()
    assert all([await task for task in unloading])
    assert enough <= len(scene.bus.events) < len(scene.emitted)
    await scene.set_up()
    await scene.busy_time(10)
    scene.assert_everything_arrived_once()


async def test_a_catch_up_that_was_cut_off_by_a_stop_is_not_complete(
    scene: Scene,
) -> None:
    """The motion of last night must not be replayed after the second start either."""
    await scene.unload()
    scene.emit(3000)
    await scene.time.passes(HOUR)
    enough = len(scene.bus.events) + 1300

    @callback
    def stop(_event: Event) -> None:
        if len(scene.bus.events) == enough:
            scene.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)

    scene.hass.bus.async_listen(BUS_EVENTS[1], stop)
    await scene.set_up()
    assert enough <= len(scene.bus.events) < len(scene.emitted)
    await scene.unload()
    delivery = scene.watch(scene.delivery_id)
    await scene.set_up()
    assert "catching_up" in delivery
    scene.assert_everything_arrived_once()


@pytest.mark.parametrize("entry_options", [{"delivery": "poll", "catch_up_hours": 0}])
async def test_after_a_suspend_the_length_of_the_outage_comes_from_the_server(
    scene: Scene,
) -> None:
    """Its monotonic clock has stopped, and the server has forgotten the session."""
    before = len(scene.bus.events)
    scene.simulator.faults.enable(f"clock_skew:{HOUR}")
    scene.simulator.restart_event_server()
    scene.emit(3, ago=timedelta(minutes=30))
    await scene.time.passes(3)
    assert len(scene.bus.events) == before
    assert scene.lines("are skipped")
    assert scene.motion == scene.expected_motion


async def test_events_before_the_first_successful_poll_are_delivered(
    unset_scene: Scene,
) -> None:
    """From the set-up on, users rely on the events."""
    scene = unset_scene
    scene.simulator.faults.enable("event_server_down")
    await scene.set_up()
    assert scene.delivery == "down"
    await scene.busy_time(300)
    scene.simulator.faults.clear()
    await scene.busy_time(65)
    assert scene.delivery == "poll"
    scene.assert_everything_arrived_once()


async def test_the_position_is_written_at_most_five_seconds_after_a_change(
    hass_storage: dict[str, Any], tmp_path: Path, scene: Scene
) -> None:
    """A delay that each event restarts would never end at a busy site."""
    for _ in range(60):
        scene.emit()
        await scene.time.passes(1)
        if len(scene.emitted) > 12:
            stored = stored_position(scene, hass_storage, tmp_path)
            # A poll finds it within three seconds.
            assert scene.emitted[-9].id in stored.remembered
    await scene.time.passes(3)
    scene.assert_everything_arrived_once()


async def test_the_position_is_written_in_the_middle_of_a_catch_up(
    hass_storage: dict[str, Any], tmp_path: Path, scene: Scene
) -> None:
    """A crash after a long catch-up must not repeat all of it."""
    await scene.unload()
    before = stored_position(scene, hass_storage, tmp_path)
    scene.emit(5 * PAGE_SIZE)
    await scene.time.passes(HOUR)
    scene.simulator.faults.enable("slow:4:path=/api/rest/v1/events")
    await scene.set_up()
    await scene.time.passes(15)
    assert scene.delivery == "catching_up"
    stored = stored_position(scene, hass_storage, tmp_path)
    assert stored.cursor > before.cursor
    assert len(stored.remembered) > PAGE_SIZE
    scene.simulator.faults.clear()
    await scene.time.passes(60)
    scene.assert_everything_arrived_once()


async def test_nothing_is_written_while_nothing_happens(
    hass_storage: dict[str, Any], tmp_path: Path, scene: Scene
) -> None:
    """Memory cards wear out: otherwise there were 17,000 needless writes a day."""
    before = stored_position(scene, hass_storage, tmp_path)
    path = journal_of(scene, tmp_path).path
    written = path.stat().st_mtime_ns
    await scene.time.passes(120)
    assert stored_position(scene, hass_storage, tmp_path) == before
    assert path.stat().st_mtime_ns == written
    scene.emit()
    await scene.time.passes(8)
    assert (
        scene.emitted[-1].id
        in stored_position(scene, hass_storage, tmp_path).remembered
    )


@pytest.mark.parametrize(
    ("entry_options", "delivery"), [({"delivery": "poll"}, "down"), ({}, "push")]
)
async def test_without_polling_pushed_events_arrive(
    unset_scene: Scene, delivery: str
) -> None:
    """Home Assistant offers this for every entry, without a warning."""
    scene = unset_scene
    scene.hass.config_entries.async_update_entry(scene.entry, pref_disable_polling=True)
    await scene.set_up()
    await scene.time.passes(30)
    assert scene.delivery == delivery
    before = scene.event_requests
    await scene.busy_time(300)
    assert scene.event_requests == before
    expected = Counter(event.id for event in scene.emitted if delivery == "push")
    assert Counter(scene.bus.ids) == expected
