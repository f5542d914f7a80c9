"""Events with so much data that no answer can contain a page of them."""

from typing import Any

import pytest

from tests.integration.lossless.scene import Scene
from xprotect_simulator import event_ids

KILOBYTE = 1000
MEGABYTE = 1000 * KILOBYTE
# As many as a plate reader at a busy road reads in some minutes.
PLATES = 200
# The lists, a session, twenty million bytes in answers of eight, read twice, and the
# polls of half a minute.
MANY_REQUESTS = 70


def emit_plate(scene: Scene, number: int, size: int) -> None:
    """Emit a read plate, with a picture of this size in its data."""
    event = scene.simulator.world.emit(
        event_ids.MOTION_STARTED,
        scene.camera,
        data={"plate": f"AB {number}", "picture": "x" * size},
    )
    scene.emitted.append(event)


def data_of(scene: Scene, number: int) -> Any:  # noqa: ANN401 - as in the event
    """Return the data on the bus of the event before so many others."""
    return scene.bus.events[-1 - number].data["data"]


@pytest.mark.parametrize("options", [{}, {"delivery": "poll"}], ids=["push", "poll"])
@pytest.mark.parametrize("outage", [40, 3600], ids=["session", "catch-up"])
async def test_plates_with_pictures_arrive_after_an_outage(
    scene: Scene, outage: int, options: dict[str, str]
) -> None:
    """All of them together are 20 MB, and other events come after them."""
    scene.hass.config_entries.async_update_entry(scene.entry, options=options)
    await scene.unload()
    for number in range(PLATES):
        emit_plate(scene, number, 100 * KILOBYTE)
        await scene.time.clock.advance(0.05)
    await scene.time.passes(outage)
    requests = len(scene.simulator.requests)
    await scene.set_up()
    await scene.time.passes(30)
    scene.assert_everything_arrived_once()
    # Large pictures are removed, the text of the plate stays.
    assert data_of(scene, 0) == {"plate": f"AB {PLATES - 1}", "picture": None}
    assert len(scene.simulator.requests) - requests < MANY_REQUESTS
    await scene.busy_time(60)
    scene.assert_everything_arrived_once()


async def test_an_event_that_is_too_large_for_an_answer_arrives_without_data(
    scene: Scene,
) -> None:
    """It must not delay the events after it."""
    await scene.unload()
    scene.emit(5)
    emit_plate(scene, 1, 9 * MEGABYTE)
    scene.emit(5)
    await scene.time.passes(20)
    await scene.set_up()
    await scene.busy_time(20)
    scene.assert_everything_arrived_once()
    large = [event for event in scene.bus.events if event.data["datatype"] != "none"]
    assert [event.data["data"] for event in large] == [None]
