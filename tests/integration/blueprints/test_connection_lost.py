"""A lost camera is reported once, and so is its return."""

from homeassistant.components import persistent_notification
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.integration.blueprints.conftest import Automate, Calls
from tests.integration.lossless.scene import Scene
from tests.integration.lossless.troubles import server_stopped
from xprotect_simulator import Item, event_ids

LOST = "Front door: connection lost"
BACK = "Front door: connected again"
# Seconds; longer than the five minutes and the time until the next poll.
LONG_ENOUGH = 305
# Seconds; the longest wait between two attempts, and the longest attempt.
BACK_AFTER = 125


def titles(calls: Calls) -> list[str]:
    """Return the titles on the phone, in order."""
    return [call.data["title"] for call in calls]


def sensor(scene: Scene, camera: Item | None = None) -> str:
    """Return the sensor of XProtect's connection to a camera."""
    return scene.entity_id(
        Platform.BINARY_SENSOR, camera or scene.camera, "communication"
    )


async def communication(scene: Scene, type_id: str) -> None:
    """Create an event of the connection to the camera."""
    scene.simulator.world.emit(type_id, scene.camera)
    await scene.time.passes(3)


async def create(scene: Scene, automate: Automate, **inputs: object) -> None:
    """Create the automation of a camera that is connected."""
    await communication(scene, event_ids.COMMUNICATION_STARTED)
    await automate(
        "connection_lost",
        **{"sensors": [sensor(scene)], "notify_entities": ["notify.phone"]} | inputs,
    )


@pytest.mark.parametrize(
    "type_id", [event_ids.COMMUNICATION_STOPPED, event_ids.COMMUNICATION_ERROR]
)
async def test_a_lost_camera_is_one_message_and_its_return_another(
    scene: Scene, automate: Automate, notified: Calls, type_id: str
) -> None:
    """The user can repair it before a recording is needed."""
    await create(scene, automate)
    await communication(scene, type_id)
    await scene.time.passes(290)
    assert titles(notified) == []
    await scene.time.passes(10)
    assert titles(notified) == [LOST]
    assert "for 5 minutes or more" in notified[0].data["message"]
    await communication(scene, event_ids.COMMUNICATION_ERROR)
    await scene.time.passes(3 * LONG_ENOUGH)
    assert titles(notified) == [LOST]
    await communication(scene, event_ids.COMMUNICATION_STARTED)
    assert titles(notified) == [LOST, BACK]
    await communication(scene, type_id)
    await scene.time.passes(LONG_ENOUGH)
    assert titles(notified) == [LOST, BACK, LOST]


async def test_a_short_loss_is_no_message(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """Wireless cameras often lose their connection for a moment."""
    await create(scene, automate)
    for _ in range(5):
        await communication(scene, event_ids.COMMUNICATION_STOPPED)
        await scene.time.passes(240)
        await communication(scene, event_ids.COMMUNICATION_STARTED)
        await scene.time.passes(60)
    assert titles(notified) == []


async def test_an_outage_of_xprotect_is_not_a_lost_camera(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """Then the state of every camera is unknown, and messages would be useless."""
    await create(scene, automate)
    async with server_stopped(scene):
        await scene.time.passes(3600)
        state = scene.hass.states.get(sensor(scene))
        assert state is not None
        assert state.state == "unavailable"
    await scene.time.passes(BACK_AFTER + LONG_ENOUGH)
    assert titles(notified) == []


async def test_the_minutes_restart_after_an_outage(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """It may have been connected in between."""
    await create(scene, automate)
    await communication(scene, event_ids.COMMUNICATION_STOPPED)
    await scene.time.passes(200)
    async with server_stopped(scene):
        await scene.time.passes(200)
    await scene.time.passes(BACK_AFTER)
    assert titles(notified) == []
    await scene.time.passes(LONG_ENOUGH)
    assert titles(notified) == [LOST]


async def test_a_camera_lost_during_an_outage_is_a_message_afterwards(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """It is lost like any other."""
    await create(scene, automate)
    async with server_stopped(scene):
        await scene.time.passes(60)
        scene.simulator.world.emit(event_ids.COMMUNICATION_STOPPED, scene.camera)
        await scene.time.passes(120)
    await scene.time.passes(BACK_AFTER + LONG_ENOUGH)
    assert titles(notified) == [LOST]


async def test_a_return_is_one_message_even_after_an_outage(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """A technician may be on the way to the camera."""
    await create(scene, automate)
    await communication(scene, event_ids.COMMUNICATION_STOPPED)
    await scene.time.passes(LONG_ENOUGH)
    async with server_stopped(scene):
        await scene.time.passes(60)
        scene.simulator.world.emit(event_ids.COMMUNICATION_STARTED, scene.camera)
        await scene.time.passes(60)
    await scene.time.passes(BACK_AFTER + LONG_ENOUGH)
    assert titles(notified) == [LOST, BACK]


async def test_a_camera_still_lost_after_an_outage_is_a_reminder_and_returns_once(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """The reminder is needed so that no loss is missed; two returns would be wrong."""
    await create(scene, automate)
    await communication(scene, event_ids.COMMUNICATION_STOPPED)
    await scene.time.passes(LONG_ENOUGH)
    async with server_stopped(scene):
        await scene.time.passes(60)
    await scene.time.passes(BACK_AFTER + LONG_ENOUGH)
    assert titles(notified) == [LOST, LOST]
    await communication(scene, event_ids.COMMUNICATION_STARTED)
    await scene.time.passes(LONG_ENOUGH)
    assert titles(notified) == [LOST, LOST, BACK]


async def test_the_message_of_a_return_can_be_switched_off(
    hass: HomeAssistant, scene: Scene, automate: Automate, notified: Calls
) -> None:
    """The actions for a return still run."""
    lost = async_mock_service(hass, "test", "lost")
    back = async_mock_service(hass, "test", "back")
    await create(
        scene,
        automate,
        minutes=1,
        tell_recovery=False,
        lost_actions=[{"action": "test.lost", "data": {"device": "{{ device }}"}}],
        recovery_actions=[{"action": "test.back", "data": {"title": "{{ title }}"}}],
    )
    await communication(scene, event_ids.COMMUNICATION_STOPPED)
    await scene.time.passes(61)
    await communication(scene, event_ids.COMMUNICATION_STARTED)
    assert titles(notified) == [LOST]
    assert [call.data for call in (*lost, *back)] == [
        {"device": "Front door"},
        {"title": BACK},
    ]


async def test_a_recorder_whose_disk_fills_is_one_message_and_so_is_its_return(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """These are more runs than one automation may have by default."""
    simulator, world = scene.simulator, scene.simulator.world
    # Otherwise the sensors of new cameras are disabled: the state was never reported.
    await communication(scene, event_ids.COMMUNICATION_STARTED)
    cameras = [*world.cameras, *(world.add_camera() for _ in range(8))]
    await scene.time.passes(30)
    for one in cameras:
        world.emit(event_ids.COMMUNICATION_STARTED, one)
    await create(scene, automate, sensors=[sensor(scene, one) for one in cameras])
    simulator.faults.enable("disk_full")
    await scene.time.passes(LONG_ENOUGH)
    assert titles(notified) == ["14 connections lost"]
    message = notified[0].data["message"]
    assert "and 4 more" in message
    assert "All belong to RECORDER-01: look at its disks" in message
    simulator.faults.disable("disk_full")
    await scene.time.passes(30)
    assert titles(notified)[1:] == ["14 connected again"]


@pytest.mark.usefixtures("wall_clock")
async def test_hundreds_in_the_same_instant_are_one_message(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """Each has its own run, and all begin before the first one sends a message."""
    world = scene.simulator.world
    cameras = [*world.cameras, *(world.add_camera() for _ in range(194))]
    await scene.time.passes(30)
    for one in cameras:
        world.emit(event_ids.COMMUNICATION_STARTED, one)
    await create(scene, automate, sensors=[sensor(scene, one) for one in cameras])
    for one in cameras:
        world.emit(event_ids.COMMUNICATION_ERROR, one)
    await scene.time.passes(3 * LONG_ENOUGH)
    assert titles(notified) == ["200 connections lost"]
    for one in cameras:
        world.emit(event_ids.COMMUNICATION_STARTED, one)
    await scene.time.passes(30)
    assert titles(notified)[1:] == ["200 connected again"]


@pytest.mark.usefixtures("wall_clock")
@pytest.mark.parametrize("come_back", [False, True])
async def test_losses_over_several_minutes_are_few_messages(
    scene: Scene,
    automate: Automate,
    notified: Calls,
    *,
    come_back: bool,
) -> None:
    """Each camera is named once, even if the first ones come back meanwhile."""
    world = scene.simulator.world
    cameras = [*world.cameras, *(world.add_camera() for _ in range(54))]
    await scene.time.passes(30)
    for one in cameras:
        world.emit(event_ids.COMMUNICATION_STARTED, one)
    chosen = [sensor(scene, one) for one in cameras]
    await create(scene, automate, sensors=chosen, tell_recovery=False)
    for number, one in enumerate(cameras):
        world.emit(event_ids.COMMUNICATION_ERROR, one)
        if come_back and number >= 45:
            world.emit(event_ids.COMMUNICATION_STARTED, cameras[number - 45])
        await scene.time.passes(8)
    await scene.time.passes(3 * LONG_ENOUGH)
    counts = [int(title.split()[0]) for title in titles(notified)]
    assert len(counts) == 2
    # Cameras that were back before a message was due are in none.
    assert sum(counts) == (45 if come_back else 60)


async def test_a_first_return_is_one_message_and_the_others_follow(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """One that stays lost must not hide that the others are back."""
    world = scene.simulator.world
    cameras = world.cameras[:3]
    for one in cameras:
        world.emit(event_ids.COMMUNICATION_STARTED, one)
    await create(scene, automate, sensors=[sensor(scene, one) for one in cameras])
    for one in cameras:
        world.emit(event_ids.COMMUNICATION_ERROR, one)
    await scene.time.passes(LONG_ENOUGH)
    assert titles(notified) == ["3 connections lost"]
    world.emit(event_ids.COMMUNICATION_STARTED, cameras[1])
    await scene.time.passes(30)
    assert titles(notified)[1:] == [f"{cameras[1].name}: connected again"]
    for one in (cameras[0], cameras[2]):
        world.emit(event_ids.COMMUNICATION_STARTED, one)
    await scene.time.passes(30)
    assert titles(notified)[2:] == ["2 connected again"]


async def test_a_camera_that_another_run_omits_is_still_reported(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """The first was back too early, or has another cause."""
    world = scene.simulator.world
    first, second, third = world.cameras[:3]
    for one in (first, second, third):
        world.emit(event_ids.COMMUNICATION_STARTED, one)
    chosen = [sensor(scene, one) for one in (first, second, third)]
    await create(scene, automate, sensors=chosen)
    for one in (first, second):
        world.emit(event_ids.COMMUNICATION_ERROR, one)
    await scene.time.passes(5)
    world.emit(event_ids.COMMUNICATION_STARTED, first)
    await scene.time.passes(60)
    world.emit(event_ids.COMMUNICATION_ERROR, third)
    await scene.time.passes(3 * LONG_ENOUGH)
    named = {name for one in notified for name in named_in(one)}
    assert named == {second.name, third.name}


def named_in(call: ServiceCall) -> list[str]:
    """Return the cameras that a message names."""
    message: str = call.data["message"]
    return message.split(" ha", maxsplit=1)[0].split(", ")


async def test_the_return_replaces_the_loss_in_home_assistant(
    hass: HomeAssistant, scene: Scene, automate: Automate
) -> None:
    """Even without a phone: a loss that is over must not look current."""
    async_mock_service(
        hass, "notify", "send_message", raise_exception=HomeAssistantError("Off.")
    )
    await create(scene, automate)
    await communication(scene, event_ids.COMMUNICATION_STOPPED)
    await scene.time.passes(LONG_ENOUGH)
    shown = persistent_notification._async_get_or_create_notifications(hass)
    assert [one["title"] for one in shown.values()] == [LOST]
    await communication(scene, event_ids.COMMUNICATION_STARTED)
    assert [one["title"] for one in shown.values()] == [BACK]


async def test_the_server_s_own_connection_can_be_watched_the_same_way(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """This sensor shows that states are unknown."""
    server = scene.entity_id(Platform.BINARY_SENSOR, None, "connection")
    await create(scene, automate, sensors=[server])
    async with server_stopped(scene):
        await scene.time.passes(400)
        assert titles(notified) == ["Simulated site: connection lost"]
    await scene.time.passes(BACK_AFTER)
    assert titles(notified)[1:] == ["Simulated site: connected again"]
