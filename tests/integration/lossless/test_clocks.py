"""Wrong clocks, missed and future events, and the order of events."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options, event_ids

HOUR = 3600
SKEWS = pytest.mark.parametrize(
    "hours", [-1000, -30, -7, -1, 1, 7, 30, 1000], ids=lambda hours: f"{hours} h"
)


def skewed(hours: float) -> Options:
    """Return the options of a server whose clock has always been wrong."""
    return Options(faults=(f"clock_skew:{hours * HOUR:.0f}",))


@pytest.mark.parametrize("simulator_options", [skewed(-7), skewed(7)])
async def test_a_server_whose_clock_is_hours_off_delivers_live_events(
    scene: Scene,
) -> None:
    """Lights must be switched on at once, with any clocks of the two machines."""
    await scene.busy_time(60)
    assert len(scene.bus.live) == len(scene.emitted)
    scene.assert_everything_arrived_once()


@pytest.mark.parametrize("simulator_options", [skewed(-7), skewed(7)])
async def test_missed_is_decided_by_the_server_s_clock(scene: Scene) -> None:
    """A missed event is fired with the time at which it happened by our own clock."""
    await scene.unload()
    scene.emit()
    await scene.time.passes(HOUR)
    await scene.set_up()
    (missed,) = scene.bus.missed
    happened = datetime.now(UTC) - timedelta(hours=1)
    assert abs(missed.time_fired - happened) < timedelta(seconds=10)
    assert missed.data["missed"] is True


@SKEWS
async def test_a_clock_that_is_set_loses_no_event(scene: Scene, hours: int) -> None:
    """A server's clock that was wrong for weeks is corrected one day."""
    await scene.busy_time(300)
    scene.simulator.faults.enable(f"clock_skew:{hours * HOUR}")
    await scene.busy_time(300)
    scene.assert_everything_arrived_once()
    scene.simulator.faults.clear()
    await scene.busy_time(300)
    scene.assert_everything_arrived_once()


@SKEWS
async def test_a_clock_that_is_set_while_home_assistant_is_stopped_loses_no_event(
    scene: Scene, hours: int
) -> None:
    """For example, during an update, when everything is switched off."""
    await scene.busy_time(30)
    await scene.unload()
    scene.simulator.faults.enable(f"clock_skew:{hours * HOUR}")
    await scene.time.passes(60)
    await scene.set_up()
    await scene.busy_time(300)
    scene.assert_everything_arrived_once()


@pytest.mark.parametrize("minutes", [-14, -1, 14])
async def test_events_after_a_small_correction_while_home_assistant_is_stopped_arrive(
    scene: Scene, minutes: int
) -> None:
    """Clocks are corrected by some minutes now and then, even during an outage."""
    # No earlier event is in the window any more.
    await scene.time.passes(1000)
    await scene.busy_time(30)
    await scene.unload()
    scene.simulator.faults.enable(f"clock_skew:{minutes * 60}")
    await scene.busy_time(60)
    await scene.set_up()
    await scene.busy_time(60)
    scene.assert_everything_arrived_once()


@pytest.mark.parametrize("ahead", [1, 30, 7200, 100 * 24 * HOUR])
async def test_an_event_of_the_future_arrives_once_and_delays_nothing(
    scene: Scene, ahead: int
) -> None:
    """A camera with a wrong clock must not hide later events."""
    scene.emit(ago=timedelta(seconds=-ahead))
    await scene.busy_time(65)
    scene.assert_everything_arrived_once()
    assert scene.motion == scene.expected_motion == "off"
    await scene.unload()
    scene.emit(3)
    await scene.set_up()
    await scene.busy_time(60)
    scene.assert_everything_arrived_once()
    assert not scene.bus.missed


async def test_an_event_is_missed_after_a_minute_and_not_before(scene: Scene) -> None:
    """A slow poll is not an outage, and hour-old motion is not live."""
    await scene.time.passes(120)
    scene.emit(ago=timedelta(seconds=50))
    scene.emit(ago=timedelta(seconds=70))
    on_time, late = scene.emitted[-2:]
    await scene.time.passes(3)
    assert scene.bus.live[-1].data["event_id"] == on_time.id
    assert [event.data["event_id"] for event in scene.bus.missed] == [late.id]
    assert scene.bus.missed[0].data["missed"] is True
    assert scene.bus.live[-1].data["missed"] is False


@pytest.mark.parametrize(
    "simulator_options",
    [Options(), Options(faults=("out_of_order", "event_repeated:reply"))],
    ids=["in order", "shuffled and repeated"],
)
async def test_events_of_a_reply_arrive_in_order(scene: Scene) -> None:
    """An automation that sees `Stopped` before `Started` leaves the light on."""
    scene.emit(500)
    await scene.time.passes(3)
    assert scene.bus.ids == [event.id for event in scene.emitted]


@pytest.mark.parametrize("entry_options", [{}])
async def test_an_older_event_changes_no_newer_state(unset_scene: Scene) -> None:
    """Old events that a recorder sends later must not change current states."""
    scene = unset_scene
    await scene.set_up()
    scene.emit(2)
    await scene.time.passes(120)
    scene.emit(ago=timedelta(minutes=1))
    scene.emit(ago=timedelta(seconds=90))
    scene.emit()
    await scene.time.passes(3)
    assert scene.motion == "on"
    scene.emit(ago=timedelta(seconds=30))
    await scene.time.passes(3)
    assert scene.motion == "on"


@pytest.mark.parametrize("pause", [0, 1, 5])
@pytest.mark.parametrize("ahead", [90, 7200])
@pytest.mark.parametrize(
    ("entry_options", "delivery"),
    [({"delivery": "poll"}, "poll"), ({}, "push")],
    ids=["poll", "push"],
)
async def test_a_motion_that_ends_when_the_clock_has_been_set_back_is_over(
    unset_scene: Scene, ahead: int, delivery: str, pause: float
) -> None:
    """The lights must not stay on because the end has an earlier time."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(60)
    scene.simulator.faults.enable(f"clock_skew:{ahead}")
    await scene.busy_time(120)
    if scene.expected_motion == "off":
        scene.emit()
    await scene.time.passes(5)
    assert (scene.delivery, scene.motion) == (delivery, "on")
    scene.simulator.faults.clear()
    await scene.time.passes(pause)
    scene.emit()
    await scene.time.passes(60)
    assert (scene.delivery, scene.motion) == (delivery, "off")


# Data that arrives while aiohttp closes a socket restarts its heartbeat.
@pytest.mark.parametrize("expected_lingering_timers", [True])
@pytest.mark.parametrize("entry_options", [{}])
async def test_a_reload_just_after_the_clock_was_set_back_repeats_nothing(
    unset_scene: Scene,
) -> None:
    """Events that were pushed meanwhile are before the window that polls read again."""
    scene = unset_scene
    await scene.set_up()
    scene.simulator.faults.enable(f"clock_skew:{2 * HOUR}")
    await scene.busy_time(110)
    scene.simulator.faults.clear()
    scene.emit(20)
    await scene.time.passes(0.5)
    await scene.unload()
    await scene.set_up()
    await scene.busy_time(60)
    scene.assert_everything_arrived_once()


@pytest.mark.parametrize("entry_options", [{}])
async def test_pushed_events_are_live_again_right_after_the_clock_was_set_back(
    unset_scene: Scene,
) -> None:
    """They look old, and no state contradicts that; the next poll comes later.

    One of them is handled before the server has sent its new time.
    """
    scene = unset_scene
    await scene.set_up()
    await scene.time.passes(65)
    scene.simulator.faults.enable(f"clock_skew:{-HOUR}")
    await scene.time.passes(1)
    for _ in range(3):
        scene.simulator.world.emit(event_ids.LIVE_FEED_REQUESTED, scene.camera)
        await scene.time.passes(1)
    assert [event.data["missed"] for event in scene.bus.events] == [True, False, False]
