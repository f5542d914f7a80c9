"""A light that only motion in the dark switches on."""

from datetime import datetime, timedelta

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import sun
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.integration.blueprints.conftest import Automate, Calls
from tests.integration.lossless.scene import Scene
from tests.integration.lossless.troubles import server_stopped
from xprotect_simulator import event_ids

# At the location of Home Assistant's tests, with the sun down and up.
NIGHT = "2026-03-02 06:00:00+00:00"
AFTER_MIDNIGHT = "2026-03-02 09:00:00+00:00"
DAY = "2026-03-02 20:00:00+00:00"
# At Longyearbyen, where the sun does not rise in December.
POLAR_NOON = "2026-12-20 11:00:00+00:00"
POLAR = {"latitude": 78.22, "longitude": 15.64}


class Lights:
    """The commands to lights, in order."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._on = async_mock_service(hass, "light", "turn_on")
        self._off = async_mock_service(hass, "light", "turn_off")

    @property
    def count(self) -> tuple[int, int]:
        """The numbers of commands to switch on and off."""
        return len(self._on), len(self._off)

    @property
    def calls(self) -> Calls:
        """All commands."""
        return [*self._on, *self._off]


@pytest.fixture
def lights(hass: HomeAssistant) -> Lights:
    """Watch the lights."""
    return Lights(hass)


@pytest.fixture
def moment() -> str:
    """Return the time of day; a test of another one parametrises it."""
    return NIGHT


@pytest.fixture(autouse=True)
async def time_of_day(
    hass: HomeAssistant, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stop Home Assistant's time of day and its sun; only the timers continue."""
    now = datetime.fromisoformat(moment)
    monkeypatch.setattr(dt_util, "utcnow", lambda: now)
    monkeypatch.setattr(dt_util, "now", lambda: dt_util.as_local(now))
    if moment == POLAR_NOON:
        await hass.config.async_update(**POLAR)
    # The sun's own timers would fire endlessly while the time of day is stopped.
    above = sun.is_up(hass, now)
    hass.states.async_set("sun.sun", "above_horizon" if above else "below_horizon")


async def create(scene: Scene, automate: Automate, **inputs: object) -> None:
    """Create the automation of the camera's motion and a light."""
    await automate(
        "motion_light",
        motion_sensors=[
            scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion")
        ],
        lights={"entity_id": "light.driveway"},
        **inputs,
    )


async def motion(scene: Scene, *, begins: bool, ago: timedelta | None = None) -> None:
    """Start or stop motion at the camera, and wait for its sensor."""
    scene.simulator.world.emit(
        event_ids.MOTION_STARTED if begins else event_ids.MOTION_STOPPED,
        scene.camera,
        time=None if ago is None else scene.server_now - ago,
    )
    await scene.time.passes(3)


async def test_motion_at_night_switches_it_on_and_three_quiet_minutes_off(
    scene: Scene, automate: Automate, lights: Lights
) -> None:
    """This is the most common use of a camera with a light."""
    await create(scene, automate)
    await motion(scene, begins=True)
    assert lights.count == (1, 0)
    await scene.time.passes(600)
    assert lights.count == (1, 0)
    await motion(scene, begins=False)
    await scene.time.passes(170)
    assert lights.count == (1, 0)
    await scene.time.passes(20)
    assert lights.count == (1, 1)
    assert all(one.data["entity_id"] == ["light.driveway"] for one in lights.calls)


async def test_motion_within_the_quiet_minutes_restarts_the_wait(
    scene: Scene, automate: Automate, lights: Lights
) -> None:
    """A person who stands still for a moment needs the light."""
    await create(scene, automate, minutes=1)
    for _ in range(3):
        await motion(scene, begins=True)
        await motion(scene, begins=False)
        await scene.time.passes(50)
    assert lights.count == (3, 0)
    await scene.time.passes(10)
    assert lights.count == (3, 1)


async def test_it_stays_on_while_another_of_the_cameras_sees_motion(
    scene: Scene, automate: Automate, lights: Lights
) -> None:
    """Several cameras often cover the way to one light."""
    other = scene.simulator.world.cameras[1]
    await automate(
        "motion_light",
        motion_sensors=[
            scene.entity_id(Platform.BINARY_SENSOR, camera, "motion")
            for camera in (scene.camera, other)
        ],
        lights={"entity_id": "light.driveway"},
        minutes=1,
    )
    scene.simulator.world.emit(event_ids.MOTION_STARTED, other)
    await motion(scene, begins=True)
    await motion(scene, begins=False)
    await scene.time.passes(300)
    assert lights.count[1] == 0
    scene.simulator.world.emit(event_ids.MOTION_STOPPED, other)
    await scene.time.passes(70)
    assert lights.count[1] == 1


async def test_coming_back_from_an_outage_is_not_motion(
    scene: Scene, automate: Automate, lights: Lights
) -> None:
    """A restart of a server at night must not switch on the lights."""
    await create(scene, automate)
    async with server_stopped(scene):
        await scene.time.passes(300)
        assert scene.motion == "unavailable"
        scene.simulator.world.emit(event_ids.MOTION_STARTED, scene.camera)
        await scene.time.passes(120)
    await scene.time.passes(125)
    assert scene.motion == "on"
    assert len(scene.bus.missed) == 1
    assert lights.count == (0, 0)
    # But motion that begins now is.
    await motion(scene, begins=False)
    await motion(scene, begins=True)
    assert lights.count == (1, 0)


async def test_an_outage_while_it_is_on_does_not_leave_it_on_for_ever(
    scene: Scene, automate: Automate, lights: Lights
) -> None:
    """An unknown state is not motion."""
    await create(scene, automate)
    await motion(scene, begins=True)
    async with server_stopped(scene):
        await scene.time.passes(600)
        assert scene.motion == "unavailable"
        assert lights.count == (1, 1)


async def test_missed_motion_switches_nothing_on(
    scene: Scene, automate: Automate, lights: Lights
) -> None:
    """A recorder that was offline sends the events of the night at once."""
    await create(scene, automate)
    await scene.time.passes(120)
    scene.simulator.world.emit(
        event_ids.MOTION_STARTED,
        scene.camera,
        time=scene.server_now - timedelta(seconds=90),
    )
    await motion(scene, begins=False, ago=timedelta(seconds=80))
    assert len(scene.bus.missed) == 2
    assert scene.motion == "off"
    assert lights.count == (0, 0)


async def test_motion_at_a_camera_that_was_not_chosen_switches_nothing_on(
    scene: Scene, automate: Automate, lights: Lights
) -> None:
    """Every camera of the site sees motion now and then."""
    await create(scene, automate)
    world = scene.simulator.world
    world.emit(event_ids.MOTION_STARTED, world.cameras[1])
    world.emit(event_ids.RECORDING_STARTED, scene.camera)
    await scene.time.passes(3)
    assert lights.count == (0, 0)


@pytest.mark.parametrize(
    ("moment", "inputs", "count"),
    [
        (DAY, {}, 0),
        (AFTER_MIDNIGHT, {}, 1),
        (POLAR_NOON, {}, 1),
        (DAY, {"dark_when": "always"}, 1),
        (DAY, {"dark_when": "time"}, 0),
        (DAY, {"dark_when": "time", "dark_from": "11:00:00"}, 1),
        (NIGHT, {"dark_when": "time", "dark_from": "21:00:00"}, 1),
        (NIGHT, {"dark_when": "time", "dark_from": "23:00:00"}, 0),
        (DAY, {"dark_when": "illuminance"}, 1),
        (DAY, {"dark_when": "illuminance", "illuminance_limit": 10}, 0),
        (NIGHT, {"dark_when": "illuminance", "illuminance_limit": 10}, 0),
        (DAY, {"dark_when": "illuminance", "illuminance_sensor": "sensor.gone"}, 0),
        (NIGHT, {"dark_when": "illuminance", "illuminance_sensor": "sensor.gone"}, 1),
    ],
)
async def test_darkness_is_decided_as_chosen_by_the_user(
    hass: HomeAssistant,
    scene: Scene,
    automate: Automate,
    lights: Lights,
    inputs: dict[str, object],
    count: int,
) -> None:
    """The sun ignores a dark forest, and a light sensor may fail."""
    hass.states.async_set("sensor.terrace", "12.5")
    await create(scene, automate, **{"illuminance_sensor": "sensor.terrace"} | inputs)
    await motion(scene, begins=True)
    assert lights.count == (count, 0)


async def test_a_camera_that_is_added_in_the_middle_of_motion_switches_nothing_on(
    hass: HomeAssistant, scene: Scene, automate: Automate, lights: Lights
) -> None:
    """Its first state is not a change."""
    await create(scene, automate)
    sensor = scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion")
    hass.states.async_remove(sensor)
    hass.states.async_set(sensor, "on")
    await scene.time.settle()
    assert lights.count == (0, 0)


async def test_a_light_that_does_not_answer_does_not_leave_the_others_on(
    hass: HomeAssistant, scene: Scene, automate: Automate
) -> None:
    """One that has lost its mains makes the command to all of them fail."""
    async_mock_service(
        hass, "light", "turn_on", raise_exception=HomeAssistantError("No answer.")
    )
    off = async_mock_service(hass, "light", "turn_off")
    await create(scene, automate)
    await motion(scene, begins=True)
    await motion(scene, begins=False)
    await scene.time.passes(190)
    assert len(off) == 1
