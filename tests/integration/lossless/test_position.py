"""A missing, damaged or wrong position loses no event."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
import logging
from typing import Any

import pytest

from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.engine.checkpoint import OVERLAP
from tests.integration.lossless.scene import Scene

type Storage = dict[str, Any]

HOUR = 3600


def gone(storage: Storage, key: str) -> None:
    """Remove the file."""
    del storage[key]


def replaced_by(data: object) -> Callable[[Storage, str], None]:
    """Return a function that replaces the content of the file."""

    def replace(storage: Storage, key: str) -> None:
        storage[key]["data"] = data

    return replace


def of_a_newer_version(storage: Storage, key: str) -> None:
    """Write the file of a newer version."""
    storage[key]["version"] = 99


def without_times(storage: Storage, key: str) -> None:
    """Remove the times."""
    del storage[key]["data"]["complete_at"]


UNUSABLE = {
    "gone": gone,
    "cut": without_times,
    "list": replaced_by([]),
    "text": replaced_by("\x00\x01"),
    "newer": of_a_newer_version,
}


@pytest.mark.parametrize("spoil", UNUSABLE.values(), ids=list(UNUSABLE))
async def test_an_unusable_position_loses_nothing(
    hass_storage: Storage, scene: Scene, spoil: Callable[[Storage, str], None]
) -> None:
    """A part of a backup was restored, and events of the meantime still matter."""
    await scene.unload()
    before = len(scene.bus.events)
    spoil(hass_storage, f"{DOMAIN}.{scene.entry.entry_id}")
    missed = [scene.emit() for _ in range(5)]
    await scene.time.passes(HOUR)
    await scene.set_up()
    arrived = Counter(event.data["event_id"] for event in scene.bus.events[before:])
    # Events that were delivered before are repeated.
    assert arrived == Counter(event.id for event in scene.emitted)
    assert len(scene.bus.missed) == len(scene.emitted)
    assert {event.id for event in missed} <= arrived.keys()
    (line,) = scene.lines("may be repeated", level=logging.WARNING)
    assert "2026-03-01 07:0" in line
    await scene.busy_time(60)
    assert len(scene.bus.events) == before + len(scene.emitted)


async def test_a_first_start_delivers_no_history(unset_scene: Scene) -> None:
    """Before it, no user relied on the events."""
    scene = unset_scene
    scene.emit(5)
    await scene.time.passes(HOUR)
    await scene.set_up()
    await scene.time.passes(60)
    assert not scene.bus.events
    assert not scene.lines("may be repeated")


@pytest.mark.parametrize("hours", [1, 30])
async def test_a_position_in_the_server_s_future_loses_nothing(
    hass_storage: Storage, scene: Scene, hours: int
) -> None:
    """A server that was ahead is corrected while Home Assistant is not running."""
    await scene.unload()
    data = hass_storage[f"{DOMAIN}.{scene.entry.entry_id}"]["data"]
    for key in ("cursor", "horizon", "complete_at"):
        moment = datetime.fromisoformat(data[key]) + timedelta(hours=hours)
        data[key] = moment.isoformat()
    # In the form of an earlier version.
    del data["complete_here"]
    scene.emit(5)
    await scene.time.passes(600)
    await scene.set_up()
    await scene.busy_time(60)
    # The ids of the last delivered events are kept.
    scene.assert_everything_arrived_once()
    assert len(scene.bus.missed) == 5
    (line,) = scene.lines("may be repeated", level=logging.WARNING)
    assert "2026-03-01 06:1" in line


@pytest.mark.parametrize(("back", "online", "away"), [(6, 0.5, 0.1), (2, 2.2, 8)])
async def test_a_clock_that_is_set_back_while_home_assistant_is_stopped_loses_nothing(
    hass_storage: Storage, scene: Scene, back: int, online: float, away: float
) -> None:
    """Even if its time has passed the position again at the next start.

    Our own clock gives the time since the last poll, which the server's cannot. Events
    of the day before are not repeated, although their ids are forgotten.
    """
    scene.simulator.faults.enable(f"clock_skew:{back * HOUR}")
    await scene.busy_time(60)
    await scene.time.passes(online * HOUR)
    await scene.busy_time(60)
    await scene.unload()
    data = hass_storage[f"{DOMAIN}.{scene.entry.entry_id}"]["data"]
    # There were more events since then than are remembered beyond the window.
    window = datetime.fromisoformat(data["cursor"]) - OVERLAP
    data["remembered"] = {
        event_id: time
        for event_id, time in data["remembered"].items()
        if datetime.fromisoformat(time) > window
    }
    scene.caplog.clear()
    before = set(scene.bus.ids)
    scene.simulator.faults.disable("clock_skew")
    await scene.time.passes(60)
    missed = [scene.emit() for _ in range(5)]
    await scene.time.passes(away * HOUR)
    await scene.set_up()
    await scene.busy_time(60)
    scene.assert_everything_arrived_once()
    assert not before & {event.id for event in missed}
    assert len(scene.lines("may be repeated", level=logging.WARNING)) == 1


async def test_a_span_in_the_future_is_corrected(
    hass_storage: Storage, scene: Scene
) -> None:
    """An earlier version kept times there, and then accepted no events."""
    await scene.unload()
    data = hass_storage[f"{DOMAIN}.{scene.entry.entry_id}"]["data"]
    moment = datetime.fromisoformat(data["cursor"]) + timedelta(hours=2)
    data["horizon"] = moment.isoformat()
    await scene.time.passes(5)
    await scene.set_up()
    await scene.busy_time(60)
    scene.assert_everything_arrived_once()
