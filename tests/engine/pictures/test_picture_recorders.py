"""Recorders that fail, and finding the recorder of a camera."""

import asyncio
from dataclasses import replace
from datetime import timedelta
import logging

import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    CredentialsRefusedError,
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
    NoWayError,
)
from tests.engine.pictures.conftest import A_GUID, shown, while_time_passes
from xprotect_simulator import Item, ManualClock, Simulator
from xprotect_simulator.recorders.listeners import Recorder

AGO = timedelta(minutes=5)


async def test_a_recorder_that_is_down_gets_no_requests_for_a_while(
    pictures: Pictures,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
    ways: dict[str, RecorderWay],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log has one line when it is lost and one when it is back."""
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


async def test_other_recorders_are_still_used_meanwhile(
    pictures: Pictures, sim: Simulator, recorder: Recorder, camera: Item
) -> None:
    """Each recorder has its own pauses."""
    await recorder.stop()
    with pytest.raises(UnreachableError):
        await pictures.live(camera.id)
    other = sim.world.cameras[1]
    shown(await pictures.live(other.id), other)


async def test_an_outage_of_the_management_server_does_not_pause_the_recorder(
    pictures: Pictures,
    sim: Simulator,
    camera: Item,
    clock: ManualClock,
    ways: dict[str, RecorderWay],
) -> None:
    """The recorder is neither paused nor named in the log."""
    sim.faults.enable("reset:path=/managementserver/*")
    for _ in range(5):
        with pytest.raises(UnreachableError):
            await pictures.live(camera.id)
        await clock.advance(11)
    sim.faults.clear()
    shown(await pictures.live(camera.id), camera)
    assert ways[camera.id].breaker.reason is None


async def test_the_address_that_answers_is_found_and_kept(
    client: XProtectClient,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
) -> None:
    """The one in the configuration may resolve on other machines only."""
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


@pytest.mark.parametrize("fault", ["", "html", "server_error:503"])
async def test_an_address_of_another_server_is_skipped(
    client: XProtectClient,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
    fault: str,
) -> None:
    """Names and ports may lead to other machines from another network."""
    if fault:
        sim.faults.enable(f"{fault}:path=/recordercommandservice/*")
    tokens = client.recorder_tokens(A_GUID)
    addresses = (URL(sim.url), URL(recorder.url()))
    way = RecorderWay(
        "RECORDER-01",
        tuple(client.recorder(one, tokens) for one in addresses),
        tokens.token,
        RecorderLimit(SiteLimit(), clock.monotonic, clock.sleep),
        Breaker(clock.monotonic),
    )
    await way.ask(lambda there: there.live_picture(camera.id, 320, 180))
    assert way.address == recorder.url()
    await recorder.stop()
    for _ in range(2):
        with pytest.raises(UnreachableError):
            await way.ask(lambda there: there.live_picture(camera.id, 320, 180))


async def test_a_slow_request_is_cancelled(
    pictures: Pictures,
    sim: Simulator,
    camera: Item,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Home Assistant itself would cancel it two seconds later, without a reason."""
    monkeypatch.setattr(pictures_module, "FETCH_TIMEOUT", 0.05)
    sim.faults.enable("recorder_slow:20")
    with pytest.raises(TimedOutError):
        await pictures.live(camera.id)
    await clock.advance(20)


async def test_without_a_known_recorder_there_is_no_picture(
    pictures: Pictures, clock: ManualClock
) -> None:
    """The camera is unknown, or belongs to another server."""
    with pytest.raises(NoWayError):
        await pictures.live("unknown")
    with pytest.raises(NoWayError):
        await pictures.of_event("unknown", clock.now() - AGO)


async def test_a_missing_right_is_not_reported_as_a_missing_recording(
    pictures: Pictures, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """Each has another remedy."""
    sim.faults.enable("recorder_no_rights")
    fetch = asyncio.create_task(pictures.of_event(camera.id, clock.now()))
    with pytest.raises(RecorderRefusedError):
        await while_time_passes(clock, fetch)


async def test_a_refused_password_is_not_tried_again(
    pictures: Pictures, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """Requests for pictures must not lock the account."""
    sim.identity.set_password("another")
    for _ in range(5):
        with pytest.raises(CredentialsRefusedError):
            await pictures.live(camera.id)
        await clock.advance(11)
    assert len(sim.login_attempts) == 1


async def test_the_recorder_of_a_camera_is_found_in_the_lists(
    client: XProtectClient, sim: Simulator, camera: Item, clock: ManualClock
) -> None:
    """Lists may be unreadable, and a recorder may have no address."""
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
