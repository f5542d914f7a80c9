"""Pictures of events and of now, from a simulated site over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
import logging
import random

import aiohttp
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    Authentication,
    Credentials,
    CredentialsRefusedError,
    NoPictureError,
    RecorderRefusedError,
    TimedOutError,
    UnreachableError,
    XProtectClient,
)
from custom_components.xprotect_events.engine import pictures as pictures_module
from custom_components.xprotect_events.engine.breaker import Breaker
from custom_components.xprotect_events.engine.inventory import read_inventory
from custom_components.xprotect_events.engine.picture_limits import (
    RecorderLimit,
    SiteLimit,
)
from custom_components.xprotect_events.engine.pictures import Pictures
from custom_components.xprotect_events.engine.recorder_way import RecorderWay
from custom_components.xprotect_events.engine.recorder_ways import RecorderWays
from custom_components.xprotect_events.engine.shot import (
    BusyError,
    NoWayError,
    OtherMomentError,
    Shot,
)
from xprotect_simulator import Item, ManualClock, Options, Simulator
from xprotect_simulator.recorders.listeners import Recorder
from xprotect_simulator.recorders.picture import read_stamp
from xprotect_simulator.times import to_datetime

A_GUID = "5b0b6f36-0ef2-4a7b-a08e-3f5f7b4c0a11"
AGO = timedelta(minutes=5)
# The end of a recording is not its last picture.
AN_INSTANT = timedelta(seconds=0.2)


@pytest.fixture
def clock() -> ManualClock:
    """Return the clock of the site and of the test."""
    return ManualClock()


@pytest.fixture
def options() -> Options:
    """Return a site with two recorders and no pictures by the gateway."""
    return Options(cameras=4, recorders=2, recorder_port=0, has_still_task=False)


@pytest.fixture
async def sim(clock: ManualClock, options: Options) -> AsyncIterator[Simulator]:
    """Return the site."""
    async with Simulator(options, clock=clock) as simulator:
        yield simulator


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Return the session that the client is given."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def client(
    sim: Simulator, clock: ManualClock, http: aiohttp.ClientSession
) -> XProtectClient:
    """Return a client that has not connected yet."""
    credentials = Credentials(
        username="demo", password="demo", authentication=Authentication.BASIC
    )
    return XProtectClient(http, URL(sim.url), credentials, monotonic=clock.monotonic)


@pytest.fixture
def ways(
    sim: Simulator, clock: ManualClock, client: XProtectClient
) -> dict[str, RecorderWay]:
    """Return the ways to the recorders, by camera."""
    tokens = client.recorder_tokens(A_GUID)
    site = SiteLimit()
    found = {
        recorder.item.id: RecorderWay(
            recorder.item.name,
            (client.recorder(URL(recorder.url()), tokens),),
            tokens.token,
            RecorderLimit(site, clock.monotonic, clock.sleep),
            Breaker(clock.monotonic),
        )
        for recorder in sim.recorders.all
    }
    return {
        camera.id: found[sim.recorders.of_camera(camera).item.id]
        for camera in sim.world.cameras
    }


@pytest.fixture
def pictures(
    clock: ManualClock, client: XProtectClient, ways: dict[str, RecorderWay]
) -> Pictures:
    """Return what fetches pictures."""
    return Pictures(
        stills=client.stills,
        find_way=ways.get,
        server_now=clock.now,
        monotonic=clock.monotonic,
        spawn=lambda work, name: asyncio.create_task(work, name=name),
        sleep=clock.sleep,
    )


@pytest.fixture
def camera(sim: Simulator) -> Item:
    """Return the first camera."""
    return sim.world.cameras[0]


@pytest.fixture
def recorder(sim: Simulator, camera: Item) -> Recorder:
    """Return the recorder of the first camera."""
    return sim.recorders.of_camera(camera)


def shown(shot: Shot, camera: Item) -> datetime:
    """Return the moment that was drawn into a picture, of the right camera."""
    stamp = read_stamp(shot.picture.jpeg)
    assert stamp.camera_id == camera.id
    assert to_datetime(stamp.ticks) == shot.picture.time
    return shot.picture.time


async def while_time_passes[T](clock: ManualClock, task: asyncio.Task[T]) -> T:
    """Let time pass until a task has its result."""
    while not task.done():
        sleeping = asyncio.create_task(clock.until_asleep())
        await asyncio.wait((task, sleeping), return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()
        if not task.done():
            await clock.advance(0.5)
    return task.result()


async def test_fifty_events_have_the_pictures_of_their_moments(
    pictures: Pictures, sim: Simulator, clock: ManualClock
) -> None:
    """On two recorders, with gaps, a stale token, a slow and an absent recorder.

    Where nothing was recorded there is no picture, and never one of another moment.
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
            # It is left alone for a while.
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


async def test_an_event_of_now_waits_until_its_picture_is_written(
    pictures: Pictures, recorder: Recorder, camera: Item, clock: ManualClock
) -> None:
    """Asking earlier would get the picture before."""
    moment = clock.now()
    fetch = asyncio.create_task(pictures.of_event(camera.id, moment))
    await clock.until_asleep()
    assert recorder.ledger.count("JPEGGetAt") == 0
    shot = await while_time_passes(clock, fetch)
    assert shown(shot, camera) == moment
    assert recorder.ledger.count("JPEGGetAt") == 1


async def test_a_picture_that_is_still_being_written_is_asked_for_once_more(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
) -> None:
    """Where recording begins with the event it takes a little longer."""
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
async def test_the_last_picture_of_an_earlier_recording_is_not_taken_at_once(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
    is_recorded: bool,
) -> None:
    """It shows what was before the event, whose own picture is being written."""
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


async def test_a_live_picture_replaces_that_of_a_young_event_and_is_marked(
    pictures: Pictures, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """Without recording there is no other."""
    sim.recorders.recordings.keep_only(camera.id)
    moment = clock.now()
    shot = await while_time_passes(
        clock, asyncio.create_task(pictures.of_event(camera.id, moment))
    )
    assert shot.is_live
    assert shown(shot, camera) >= moment


async def test_a_stand_in_makes_way_for_the_recorded_picture(
    pictures: Pictures, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """Some recorders write later than others."""
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


async def test_the_picture_of_now_never_stands_in_for_an_old_event(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
) -> None:
    """It has nothing to do with it."""
    sim.recorders.recordings.keep_only(camera.id)
    with pytest.raises(NoPictureError):
        await pictures.of_event(camera.id, clock.now() - AGO)
    assert recorder.ledger.count("JPEGGetLive") == 0


async def test_an_old_key_frame_stands_in_for_nothing(
    pictures: Pictures, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """It shows what was before the event, or a camera that is offline."""
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


async def test_a_hundred_viewers_cost_the_recorder_one_picture_in_ten_seconds(
    pictures: Pictures, recorder: Recorder, camera: Item, clock: ManualClock
) -> None:
    """Pages ask for each camera twice a second."""
    for _ in range(40):
        await asyncio.gather(*(pictures.live(camera.id) for _ in range(100)))
        await clock.advance(0.5)
    assert recorder.ledger.count("JPEGGetLive") == 2
    assert recorder.ledger.most_at_once == 1


async def test_a_hundred_viewers_of_a_failing_camera_cost_one_request(
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
    """It does not change; an hour later it is hardly viewed."""
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
    """The fetch is a task of its own, whose failure is logged by no viewer."""
    sim.faults.enable("recorder_slow:1:count=1")
    one = asyncio.create_task(pictures.live(camera.id))
    other = asyncio.create_task(pictures.live(camera.id))
    await clock.until_asleep()
    one.cancel()
    shown(await while_time_passes(clock, other), camera)
    assert one.cancelled()


async def test_a_recorder_that_is_down_is_left_alone(
    pictures: Pictures,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
    ways: dict[str, RecorderWay],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One line when it is lost, one when it is back."""
    caplog.set_level(logging.INFO)
    await recorder.stop()
    for _ in range(4):
        with pytest.raises(UnreachableError):
            await pictures.live(camera.id)
        await clock.advance(11)
    assert ways[camera.id].breaker.is_open
    await recorder.start()
    with pytest.raises(UnreachableError):
        await pictures.live(camera.id)
    assert recorder.ledger.count("JPEGGetLive") == 0
    await clock.advance(60)
    shown(await pictures.live(camera.id), camera)
    lines = [one.message for one in caplog.records if "RECORDER" in one.message]
    assert ["again" in line for line in lines] == [False, True]


async def test_another_recorder_goes_on_meanwhile(
    pictures: Pictures, sim: Simulator, recorder: Recorder, camera: Item
) -> None:
    """Each has its own pauses."""
    await recorder.stop()
    with pytest.raises(UnreachableError):
        await pictures.live(camera.id)
    other = sim.world.cameras[1]
    shown(await pictures.live(other.id), other)


async def test_an_outage_of_the_management_server_is_none_of_the_recorder(
    pictures: Pictures,
    sim: Simulator,
    camera: Item,
    clock: ManualClock,
    ways: dict[str, RecorderWay],
) -> None:
    """It is not left alone for it, and not blamed in the log."""
    sim.faults.enable("reset:path=/managementserver/*")
    for _ in range(5):
        with pytest.raises(UnreachableError):
            await pictures.live(camera.id)
        await clock.advance(11)
    sim.faults.clear()
    shown(await pictures.live(camera.id), camera)
    assert ways[camera.id].breaker.reason is None


async def test_an_address_that_answers_is_looked_for_and_kept(
    client: XProtectClient,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
) -> None:
    """The one of the configuration may be known to other machines only."""
    tokens = client.recorder_tokens(A_GUID)
    addresses = (URL("http://127.0.0.1:9"), URL(recorder.url()))
    way = RecorderWay(
        "RECORDER-01",
        tuple(client.recorder(one, tokens) for one in addresses),
        tokens.token,
        RecorderLimit(SiteLimit(), clock.monotonic, clock.sleep),
        Breaker(clock.monotonic),
    )
    assert not way.address
    for _ in range(2):
        await way.ask(lambda there: there.live_picture(camera.id, 320, 180))
    assert way.address == recorder.url()
    assert recorder.ledger.count("GetVersion") == 1
    await recorder.stop()
    with pytest.raises(UnreachableError):
        await way.ask(lambda there: there.live_picture(camera.id, 320, 180))
    assert not way.address
    with pytest.raises(UnreachableError):
        await way.ask(lambda there: there.live_picture(camera.id, 320, 180))


async def test_what_takes_too_long_is_given_up(
    pictures: Pictures,
    sim: Simulator,
    camera: Item,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Home Assistant itself would give up two seconds later, without a reason."""
    monkeypatch.setattr(pictures_module, "FETCH_TIMEOUT", 0.05)
    sim.faults.enable("recorder_slow:20")
    with pytest.raises(TimedOutError):
        await pictures.live(camera.id)
    await clock.advance(20)


async def test_without_a_way_to_a_recorder_there_is_no_picture(
    pictures: Pictures, clock: ManualClock
) -> None:
    """An unknown camera, or none of this server."""
    with pytest.raises(NoWayError):
        await pictures.live("unknown")
    with pytest.raises(NoWayError):
        await pictures.of_event("unknown", clock.now() - AGO)


@pytest.mark.parametrize(
    "options", [Options(cameras=2, recorders=2, recorder_port=0)], ids=["gateway"]
)
async def test_pictures_of_now_come_through_the_gateway_where_it_has_them(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
) -> None:
    """Its support is checked once; a picture refused later is requested again."""
    shown(await pictures.live(camera.id), camera)
    await clock.advance(11)
    shown(await pictures.live(camera.id), camera)
    looks = [one for one in sim.requests if one.query.startswith("tasks")]
    assert len(looks) == 1
    assert recorder.ledger.count("JPEGGetLive") == 0
    assert pictures.describe()["gateway_has_live_pictures"] is True
    await clock.advance(11)
    sim.faults.enable("gateway_missing:path=/api/rest/v1/cameras/*:count=1")
    shown(await pictures.live(camera.id), camera)
    assert recorder.ledger.count("JPEGGetLive") == 1
    await clock.advance(11)
    shown(await pictures.live(camera.id), camera)
    assert recorder.ledger.count("JPEGGetLive") == 1


async def test_a_gateway_without_the_task_is_not_asked_again(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
) -> None:
    """Older servers answer from the recorder alone."""
    for _ in range(3):
        shown(await pictures.live(camera.id), camera)
        await clock.advance(11)
    assert recorder.ledger.count("JPEGGetLive") == 3
    looks = [one for one in sim.requests if "task" in one.query]
    assert len(looks) == 1


async def test_a_missing_right_is_not_a_missing_recording(
    pictures: Pictures, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """Users must look at the right place."""
    sim.faults.enable("recorder_no_rights")
    fetch = asyncio.create_task(pictures.of_event(camera.id, clock.now()))
    with pytest.raises(RecorderRefusedError):
        await while_time_passes(clock, fetch)


async def test_a_refused_password_is_not_tried_again(
    pictures: Pictures, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """Viewers must not lock the account."""
    sim.identity.set_password("another")
    for _ in range(5):
        with pytest.raises(CredentialsRefusedError):
            await pictures.live(camera.id)
        await clock.advance(11)
    assert len(sim.login_attempts) == 1


async def test_a_storm_of_viewers_is_served_in_turn_or_sent_away(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    clock: ManualClock,
    camera: Item,
) -> None:
    """The recorder has other things to do."""
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
    # Who was sent away has a better chance a little later.
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


async def test_a_camera_leads_to_its_recorder_as_long_as_the_lists_say_so(
    client: XProtectClient, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """Lists may be unreadable, and a recorder without address is nowhere."""
    found = await read_inventory(client.configuration)
    inventory = found
    tokens = client.recorder_tokens(A_GUID)
    ways = RecorderWays(
        lambda: inventory,
        lambda one: tuple(client.recorder(URL(it), tokens) for it in one.addresses),
        tokens.token,
        monotonic=clock.monotonic,
        sleep=clock.sleep,
    )
    way = ways.of_camera(camera.id)
    assert way is not None
    assert ways.of_camera(camera.id) is way
    await way.ask(lambda there: there.live_picture(camera.id, 320, 180))
    server = ways.server_of(camera.id)
    assert server is not None
    assert ways.describe()[server.id]["found"]
    nowhere = [replace(one, addresses=()) for one in found.recording_servers]
    inventory = replace(found, recording_servers=tuple(nowhere))
    assert ways.of_camera(camera.id) is None
    inventory = replace(found, hardware=())
    assert ways.of_camera(camera.id) is None
    inventory = replace(found, devices=())
    assert ways.of_camera(camera.id) is None
    assert sim.recorders.all
