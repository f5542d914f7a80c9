"""The log lines about events that cannot be read."""

from datetime import UTC, datetime
import re

import pytest

from tests.integration.lossless.scene import Scene
from xprotect_simulator import event_ids

# The time of a camera whose clock battery was empty.
DEAD_CLOCK = datetime(1969, 12, 31, 23, tzinfo=UTC)
HALF_AN_HOUR = 1800


@pytest.mark.parametrize("entry_options", [{}], ids=["push"])
async def test_a_camera_whose_clock_is_in_1969_causes_two_log_lines(
    unset_scene: Scene,
) -> None:
    """A line for each event, one a second all night, would wear out memory cards."""
    scene = unset_scene
    await scene.set_up()
    assert scene.delivery == "push"
    world = scene.simulator.world
    for _ in range(60):
        world.emit(event_ids.MOTION_STARTED, world.cameras[1], time=DEAD_CLOCK)
        await scene.busy_time(5)
    (line,) = scene.lines("of events from XProtect cannot be read")
    await scene.time.passes(HALF_AN_HOUR)
    begun, ended = scene.lines("of events")
    assert begun == line
    # States are requested now and then, and one of them is such a row.
    assert re.search(r" 6[0-2] unreadable ones", ended)
    scene.assert_everything_arrived_once()
