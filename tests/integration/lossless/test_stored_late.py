"""Events stored with a delay are found by sessions and by pages."""

from datetime import timedelta

import pytest

from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options, event_ids

# More than one of our sessions returns at once.
A_FULL_SESSION = 1500
PAGES = pytest.mark.parametrize(
    "simulator_options", [Options(faults=("time_filter_ignored",))], ids=["pages"]
)


def reads(scene: Scene, path: str) -> int:
    """Return the number of recent requests below this path."""
    return sum(
        one.path.startswith(f"/api/rest/v1/{path}")
        for one in tuple(scene.simulator.requests)[-10:]
    )


async def follow_in_pages(scene: Scene) -> None:
    """Set up with a server whose sessions return history, so they cannot be used."""
    old = scene.server_now - timedelta(hours=1)
    scene.simulator.world.emit(event_ids.MOTION_STARTED, scene.camera, time=old)
    await scene.set_up()
    await scene.busy_time(900)
    assert reads(scene, "events") == 10


@pytest.mark.parametrize(
    "simulator_options",
    [Options(), Options(faults=("window_reading",))],
    ids=["reply", "window"],
)
async def test_an_event_behind_a_full_session_is_found(
    scene: Scene,
) -> None:
    """It returns nothing from before its start, so it must be replaced soon."""
    await scene.time.passes(900)
    for number in range(A_FULL_SESSION):
        scene.emit(ago=timedelta(milliseconds=number))
    await scene.time.passes(5)
    scene.emit(ago=timedelta(minutes=10))
    await scene.busy_time(310)
    scene.assert_everything_arrived_once()


@PAGES
async def test_pages_go_back_over_the_whole_window_once_a_minute(
    unset_scene: Scene,
) -> None:
    """The small overlap of each poll does not find events stored minutes later."""
    scene = unset_scene
    await follow_in_pages(scene)
    for minutes in (1, 5, 10, 14):
        scene.emit(ago=timedelta(minutes=minutes))
        await scene.busy_time(20)
    await scene.busy_time(45)
    scene.assert_everything_arrived_once()


@PAGES
async def test_pages_find_events_at_once_that_are_stored_seconds_later(
    unset_scene: Scene,
) -> None:
    """Even a recorder in the same network has some delay."""
    scene = unset_scene
    await follow_in_pages(scene)
    await scene.time.passes(62)
    scene.emit()
    await scene.time.passes(3)
    scene.emit(ago=timedelta(seconds=8))
    await scene.time.passes(3)
    scene.assert_everything_arrived_once()
    assert not scene.bus.missed


@PAGES
async def test_sessions_are_tried_again_after_an_hour(unset_scene: Scene) -> None:
    """The event server may have been updated, and a session costs it less."""
    scene = unset_scene
    await follow_in_pages(scene)
    scene.simulator.faults.clear()
    await scene.time.passes(3600)
    assert reads(scene, "eventSessions") == 10
    await scene.busy_time(10)
    scene.assert_everything_arrived_once()
