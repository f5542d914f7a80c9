"""One failed request is not an outage; a lasting failure is shown at once."""

from homeassistant.const import Platform
import pytest

from tests.integration.lossless.scene import Scene

EVENTS = "path=/api/rest/v1/event*"


@pytest.mark.parametrize("fault", ["server_error:503", "event_server_down:504"])
async def test_one_failure_changes_no_state(scene: Scene, fault: str) -> None:
    """A failure of a second must not make every entity flicker."""
    motion = scene.watch(
        scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion")
    )
    delivery = scene.watch(scene.delivery_id)
    scene.simulator.faults.enable(f"{fault}:count=1:{EVENTS}")
    await scene.time.passes(10)
    assert not scene.simulator.faults.enabled
    assert (motion, delivery) == ([], [])
    scene.emit()
    await scene.time.passes(5)
    scene.assert_everything_arrived_once()


async def test_a_minute_of_single_failures_changes_no_state(scene: Scene) -> None:
    """Flickering states would restart the time of "camera lost for 15 s" for ever."""
    # The first check of the stored types updates a sensor.
    await scene.time.passes(60)
    states = scene.watch(*scene.hass.states.async_entity_ids())
    for _ in range(12):
        scene.simulator.faults.enable(f"server_error:503:count=1:{EVENTS}")
        await scene.time.passes(5)
        assert not scene.simulator.faults.enabled
    assert states == []


async def test_two_failures_in_a_row_are_shown(scene: Scene) -> None:
    """Within seconds, because automations depend on it."""
    scene.simulator.faults.enable(f"server_error:503:{EVENTS}")
    await scene.time.passes(5)
    assert scene.delivery == "down"


@pytest.mark.parametrize(
    "fault",
    ["too_many_requests:1", "too_many_requests:0", "forbidden:events,eventsessions"],
)
async def test_a_deliberate_refusal_is_not_retried(scene: Scene, fault: str) -> None:
    """The server wants fewer requests, or the user lacks the right."""
    scene.simulator.faults.enable(f"{fault}:path=/api/rest/v1/event*")
    before = scene.event_requests
    # Until the next poll, and shorter than a pause.
    await scene.time.passes(2)
    assert scene.delivery == "down"
    assert scene.event_requests == before + 1


async def test_the_time_in_retry_after_is_waited(
    scene: Scene,
) -> None:
    """Otherwise there would be twenty attempts in that time."""
    scene.simulator.faults.enable(f"starting:20:count=1:{EVENTS}")
    before = scene.event_requests
    await scene.time.passes(2)
    assert (scene.delivery, scene.event_requests) == ("down", before + 1)
    await scene.time.passes(17)
    assert scene.event_requests == before + 1
    await scene.time.passes(5)
    assert scene.delivery == "poll"


async def test_a_retry_after_of_a_second_is_not_an_outage(scene: Scene) -> None:
    """It is as long as the pause before the second attempt."""
    delivery = scene.watch(scene.delivery_id)
    scene.simulator.faults.enable(f"starting:1:count=1:{EVENTS}")
    await scene.time.passes(5)
    assert not scene.simulator.faults.enabled
    assert delivery == []
