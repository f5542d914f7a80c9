"""A position that is gone, cut, useless or of another time costs no event."""

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
    """Return what puts something else into the file."""

    def replace(storage: Storage, key: str) -> None:
        storage[key]["data"] = data

    return replace


def of_a_newer_version(storage: Storage, key: str) -> None:
    """Leave what a version has written that was tried and given up."""
    storage[key]["version"] = 99


def without_times(storage: Storage, key: str) -> None:
    """Cut a part off."""
    del storage[key]["data"]["complete_at"]


UNUSABLE = {
    "gone": gone,
    "cut": without_times,
    "list": replaced_by([]),
    "text": replaced_by("\x00\x01"),
    "newer": of_a_newer_version,
}


@pytest.mark.parametrize("spoil", UNUSABLE.values(), ids=list(UNUSABLE))
async def test_a_position_that_is_of_no_use_costs_nothing(
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
    # What was delivered before comes again.
    assert arrived == Counter(event.id for event in scene.emitted)
    assert len(scene.bus.missed) == len(scene.emitted)
    assert {event.id for event in missed} <= arrived.keys()
    (line,) = scene.lines("may be repeated", level=logging.WARNING)
    assert "2026-03-01 07:0" in line
    await scene.busy_time(60)
    assert len(scene.bus.events) == before + len(scene.emitted)


async def test_a_first_start_brings_no_history(unset_scene: Scene) -> None:
    """Before it, no user has relied on the events."""
    scene = unset_scene
    scene.emit(5)
    await scene.time.passes(HOUR)
    await scene.set_up()
    await scene.time.passes(60)
    assert not scene.bus.events
    assert not scene.lines("may be repeated")


@pytest.mark.parametrize("hours", [1, 30])
async def test_a_position_of_the_server_s_future_costs_nothing(
    hass_storage: Storage, scene: Scene, hours: int
) -> None:
    """A server that was ahead is corrected while Home Assistant is not running."""
    await scene.unload()
    data = hass_storage[f"{DOMAIN}.{scene.entry.entry_id}"]["data"]
    for key in ("cursor", "horizon", "complete_at"):
        moment = datetime.fromisoformat(data[key]) + timedelta(hours=hours)
        data[key] = moment.isoformat()
    # As a version before this one has written it.
    del data["complete_here"]
    scene.emit(5)
    await scene.time.passes(600)
    await scene.set_up()
    await scene.busy_time(60)
    # The ids of what was delivered last are kept.
    scene.assert_everything_arrived_once()
    assert len(scene.bus.missed) == 5
    (line,) = scene.lines("may be repeated", level=logging.WARNING)
    assert "2026-03-01 06:1" in line


@pytest.mark.parametrize(("back", "away"), [(6, 0.1), (2, 8)])
async def test_a_clock_that_is_set_back_during_an_absence_costs_nothing(
    hass_storage: Storage, scene: Scene, back: int, away: float
) -> None:
    """Also where its time has passed the position again at the next start.

    Our own clock says what the server's cannot: how long nobody has looked. What was
    delivered in the day before comes not again, although its ids are forgotten.
    """
    scene.simulator.faults.enable(f"clock_skew:{back * HOUR}")
    await scene.busy_time(60)
    await scene.time.passes(3 * HOUR)
    await scene.busy_time(60)
    await scene.unload()
    data = hass_storage[f"{DOMAIN}.{scene.entry.entry_id}"]["data"]
    # More has happened since than is remembered beyond the window.
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


async def test_a_span_that_lies_in_the_future_is_put_back(
    hass_storage: Storage, scene: Scene
) -> None:
    """A version before this one kept times there, and took nothing any more."""
    await scene.unload()
    data = hass_storage[f"{DOMAIN}.{scene.entry.entry_id}"]["data"]
    moment = datetime.fromisoformat(data["cursor"]) + timedelta(hours=2)
    data["horizon"] = moment.isoformat()
    await scene.time.passes(5)
    await scene.set_up()
    await scene.busy_time(60)
    scene.assert_everything_arrived_once()
