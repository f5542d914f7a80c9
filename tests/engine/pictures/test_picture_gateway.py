"""Current pictures come through the gateway if it supports them."""

from dataclasses import replace

import pytest

from custom_components.xprotect_events.engine.pictures import Pictures
from tests.engine.pictures.conftest import shown
from xprotect_simulator import Item, ManualClock, Options, Simulator
from xprotect_simulator.recorders.listeners import Recorder


@pytest.mark.parametrize(
    "options", [Options(cameras=2, recorders=2, recorder_port=0)], ids=["gateway"]
)
async def test_current_pictures_come_through_the_gateway_if_it_has_them(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
) -> None:
    """Support is checked once; a picture that is refused later is requested again."""
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
    """With older servers all pictures come from the recorder."""
    for _ in range(3):
        shown(await pictures.live(camera.id), camera)
        await clock.advance(11)
    assert recorder.ledger.count("JPEGGetLive") == 3
    looks = [one for one in sim.requests if "task" in one.query]
    assert len(looks) == 1


async def test_a_gateway_that_was_updated_is_asked_again_within_an_hour(
    pictures: Pictures,
    sim: Simulator,
    recorder: Recorder,
    camera: Item,
    clock: ManualClock,
) -> None:
    """Nobody restarts Home Assistant for an update of XProtect."""
    shown(await pictures.live(camera.id), camera)
    sim.world.options = replace(sim.world.options, has_still_task=True)
    await clock.advance(3_700)
    shown(await pictures.live(camera.id), camera)
    assert recorder.ledger.count("JPEGGetLive") == 1
