"""Pictures of events show the moments of the events."""

import asyncio
from datetime import timedelta
import random

import pytest

from custom_components.xprotect_events.api import (
    NoPictureError,
    UnreachableError,
)
from custom_components.xprotect_events.engine.pictures import Pictures
from custom_components.xprotect_events.engine.shot import (
    OtherMomentError,
)
from tests.engine.pictures.conftest import shown, while_time_passes
from xprotect_simulator import Item, ManualClock, Simulator
from xprotect_simulator.recorders.listeners import Recorder

AGO = timedelta(minutes=5)

# The end of a recording is not its last picture.
AN_INSTANT = timedelta(seconds=0.2)


async def test_fifty_events_have_the_pictures_of_their_moments(
    pictures: Pictures, sim: Simulator, clock: ManualClock
) -> None:
    """On two recorders, with gaps, an expired token, and one slow or absent recorder.

    If nothing was recorded there is no picture, and never one of another moment.
    """
    chance = random.Random(7)  # noqa: S311 - repeatable
    now = clock.now()
    first, second = sim.world.cameras[:2]
    gap = (now - timedelta(hours=2), now - timedelta(hours=1))
    sim.recorders.recordings.keep_only(
        second.id, (now - timedelta(days=1), gap[0]), (gap[1], None)
    )
    missing = absent = 0
    for number in range(50):
        camera = chance.choice((first, second))
        moment = now - timedelta(seconds=chance.uniform(20, 4 * 3600))
        if number == 20:
            sim.recorders.tokens.revoke()
        if number == 30:
            sim.faults.enable("recorder_slow:3:count=1")
        if number == 40:
            await sim.recorders.of_camera(second).stop()
        if number == 45:
            await sim.recorders.of_camera(second).start()
            # It gets no requests for a while.
            await clock.advance(60)
        fetch = asyncio.create_task(pictures.of_event(camera.id, moment))
        margin = timedelta(seconds=10.2)
        is_in_gap = camera is second and gap[0] + margin < moment < gap[1] - margin
        if camera is second and number in range(40, 45):
            absent += 1
            with pytest.raises(UnreachableError):
                await while_time_passes(clock, fetch)
        elif is_in_gap:
            missing += 1
            with pytest.raises(OtherMomentError):
                await while_time_passes(clock, fetch)
        else:
            shot = await while_time_passes(clock, fetch)
            assert abs(shown(shot, camera) - moment) <= timedelta(seconds=10)
            assert not shot.is_live
    assert missing > 3
    assert absent > 1


async def test_a_new_event_waits_until_its_picture_is_written(
    pictures: Pictures, recorder: Recorder, camera: Item, clock: ManualClock
) -> None:
    """An earlier request would return the picture before."""
    moment = clock.now()
    fetch = asyncio.create_task(pictures.of_event(camera.id, moment))
    await clock.until_asleep()
    assert recorder.ledger.count("JPEGGetAt") == 0
    shot = await while_time_passes(clock, fetch)
    assert shown(shot, camera) == moment
    assert recorder.ledger.count("JPEGGetAt") == 1


async def test_a_picture_that_is_still_being_written_is_requested_again(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
) -> None:
    """If recording begins with the event, the picture is available later."""
    moment = clock.now()
    begins = moment + timedelta(seconds=2)
    sim.recorders.recordings.keep_only(camera.id, (begins, None))
    shot = await while_time_passes(
        clock, asyncio.create_task(pictures.of_event(camera.id, moment))
    )
    assert shown(shot, camera) == begins
    assert not shot.is_live
    assert recorder.ledger.count("JPEGGetAt") == 2


@pytest.mark.parametrize("is_recorded", [True, False])
async def test_the_last_picture_of_an_earlier_recording_is_not_used_at_once(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
    is_recorded: bool,
) -> None:
    """It shows the time before the event, whose own picture is still being written."""
    moment = clock.now()
    before = moment - timedelta(seconds=8)
    begins = moment + timedelta(seconds=1.5)
    spans = [(before - AGO, before), (begins, None)]
    sim.recorders.recordings.keep_only(camera.id, *spans[: 1 + is_recorded])
    fetch = asyncio.create_task(pictures.of_event(camera.id, moment))
    shot = await while_time_passes(clock, fetch)
    assert abs(shown(shot, camera) - (begins if is_recorded else before)) < AN_INSTANT
    assert recorder.ledger.count("JPEGGetAt") == 2
    assert shot.is_final is is_recorded
    await clock.advance(11)
    await pictures.of_event(camera.id, moment)
    assert recorder.ledger.count("JPEGGetAt") == (2 if is_recorded else 3)


async def test_a_live_picture_is_used_for_a_new_event_and_is_marked(
    pictures: Pictures, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """Without a recording there is no other picture."""
    sim.recorders.recordings.keep_only(camera.id)
    moment = clock.now()
    shot = await while_time_passes(
        clock, asyncio.create_task(pictures.of_event(camera.id, moment))
    )
    assert shot.is_live
    assert shown(shot, camera) >= moment


async def test_a_live_picture_is_replaced_by_the_recorded_one(
    pictures: Pictures, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """Some recorders write with a longer delay."""
    recordings = sim.recorders.recordings
    recordings.keep_only(camera.id)
    moment = clock.now()
    first = asyncio.create_task(pictures.of_event(camera.id, moment))
    assert (await while_time_passes(clock, first)).is_live
    recordings.keep_only(camera.id, (moment, None))
    await clock.advance(11)
    shot = await pictures.of_event(camera.id, moment)
    assert not shot.is_live
    assert shown(shot, camera) == moment


async def test_a_live_picture_is_never_used_for_an_old_event(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
) -> None:
    """It shows another moment."""
    sim.recorders.recordings.keep_only(camera.id)
    with pytest.raises(NoPictureError):
        await pictures.of_event(camera.id, clock.now() - AGO)
    assert recorder.ledger.count("JPEGGetLive") == 0


async def test_an_old_key_frame_is_never_used(
    pictures: Pictures, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """It shows the time before the event, or the camera is offline."""
    sim.recorders.recordings.keep_only(camera.id)
    sim.recorders.key_frames = timedelta(seconds=40)
    await clock.advance(30)
    fetch = asyncio.create_task(pictures.of_event(camera.id, clock.now()))
    with pytest.raises(NoPictureError):
        await while_time_passes(clock, fetch)
    await clock.advance(15)
    sim.faults.enable("recorder_offline:old")
    with pytest.raises(NoPictureError):
        await pictures.live(camera.id)
