"""Many viewers cause few requests to a recorder."""

import asyncio
from datetime import timedelta

from custom_components.xprotect_events.api import (
    NoPictureError,
)
from custom_components.xprotect_events.engine.pictures import Pictures
from custom_components.xprotect_events.engine.shot import (
    BusyError,
    Shot,
)
from tests.engine.pictures.conftest import shown, while_time_passes
from xprotect_simulator import Item, ManualClock, Simulator
from xprotect_simulator.recorders.listeners import Recorder

AGO = timedelta(minutes=5)


async def test_a_hundred_viewers_cause_one_request_in_ten_seconds(
    pictures: Pictures, recorder: Recorder, camera: Item, clock: ManualClock
) -> None:
    """Pages request each camera twice a second."""
    for _ in range(40):
        await asyncio.gather(*(pictures.live(camera.id) for _ in range(100)))
        await clock.advance(0.5)
    assert recorder.ledger.count("JPEGGetLive") == 2
    assert recorder.ledger.most_at_once == 1


async def test_a_hundred_viewers_of_a_failing_camera_cause_one_request(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
) -> None:
    """Failures are cached, too."""
    sim.faults.enable("recorder_empty")
    for _ in range(40):
        looks = (pictures.live(camera.id) for _ in range(100))
        outcomes = await asyncio.gather(*looks, return_exceptions=True)
        assert all(isinstance(one, NoPictureError) for one in outcomes)
        await clock.advance(0.5)
    assert recorder.ledger.count("JPEGGetLive") == 2


async def test_the_picture_of_a_moment_is_fetched_once(
    pictures: Pictures, recorder: Recorder, camera: Item, clock: ManualClock
) -> None:
    """It does not change, and is rarely viewed after an hour."""
    moment = clock.now() - AGO
    for _ in range(3):
        await asyncio.gather(*(pictures.of_event(camera.id, moment) for _ in range(9)))
        await clock.advance(600)
    assert recorder.ledger.count("JPEGGetAt") == 1
    await clock.advance(3600)
    await pictures.of_event(camera.id, moment)
    assert recorder.ledger.count("JPEGGetAt") == 2
    assert pictures.describe()["under_way"] == 0


async def test_a_viewer_who_leaves_does_not_end_the_fetch_of_others(
    pictures: Pictures, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """The fetch is a separate task, whose failure must still be logged."""
    sim.faults.enable("recorder_slow:1:count=1")
    one = asyncio.create_task(pictures.live(camera.id))
    other = asyncio.create_task(pictures.live(camera.id))
    await clock.until_asleep()
    one.cancel()
    shown(await while_time_passes(clock, other), camera)
    assert one.cancelled()


async def test_a_storm_of_viewers_is_served_in_turn_or_refused(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    clock: ManualClock,
    camera: Item,
) -> None:
    """The recorder must not be overloaded."""
    sim.faults.enable("recorder_slow:0.1")
    now = clock.now()
    moments = [now - timedelta(minutes=number) for number in range(1, 41)]
    looks: list[asyncio.Task[Shot]] = [
        asyncio.create_task(pictures.of_event(camera.id, one)) for one in moments
    ]
    outcomes = await while_time_passes(clock, asyncio.create_task(_gather(looks)))
    kinds = {type(one) for one in outcomes}
    assert kinds == {Shot, BusyError}
    assert recorder.ledger.most_at_once == 2
    came = [one.at for one in recorder.ledger.calls]
    assert len([at for at in came if at < 1]) <= 12
    # Refused viewers are served a little later.
    await clock.advance(5)
    refused = next(
        moment
        for moment, outcome in zip(moments, outcomes, strict=True)
        if isinstance(outcome, BusyError)
    )
    again = asyncio.create_task(pictures.of_event(camera.id, refused))
    shown(await while_time_passes(clock, again), camera)


async def _gather(tasks: list[asyncio.Task[Shot]]) -> list[Shot | BaseException]:
    return await asyncio.gather(*tasks, return_exceptions=True)
