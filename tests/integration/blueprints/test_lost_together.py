"""Many lost cameras, and cameras that are lost anew, without a site of their own."""

from homeassistant.core import HomeAssistant, State, StateMachine
import pytest

from tests.integration.blueprints.conftest import Automate, Calls
from tests.integration.blueprints.test_connection_lost import LONG_ENOUGH, titles
from tests.integration.lossless.scene import Scene


@pytest.mark.usefixtures("wall_clock")
async def test_each_of_many_looks_at_few_others(
    hass: HomeAssistant,
    scene: Scene,
    automate: Automate,
    notified: Calls,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If each of 1,000 looked at 1,000, Home Assistant would stand still."""
    sensors = [f"binary_sensor.camera_{number}" for number in range(60)]
    for one in sensors:
        hass.states.async_set(one, "on")
    await scene.time.passes(1)
    await automate("connection_lost", sensors=sensors, notify_entities=["notify.phone"])
    for one in sensors:
        hass.states.async_set(one, "off")
    looks = 0
    get = StateMachine.get

    def counted(states: StateMachine, entity_id: str) -> State | None:
        nonlocal looks
        looks += 1
        return get(states, entity_id)

    monkeypatch.setattr(StateMachine, "get", counted)
    await scene.time.passes(LONG_ENOUGH)
    assert titles(notified) == ["60 connections lost"]
    # Most of these are made once, by the run that sends the message.
    assert looks < 30 * len(sensors)


@pytest.mark.usefixtures("wall_clock")
async def test_cameras_that_are_lost_at_the_start_are_one_message(
    hass: HomeAssistant, scene: Scene, automate: Automate, notified: Calls
) -> None:
    """A restart ends all waits; the sensors have their first states after it."""
    sensors = [f"binary_sensor.camera_{number}" for number in range(3)]
    await automate("connection_lost", sensors=sensors, notify_entities=["notify.phone"])
    for one in sensors:
        hass.states.async_set(one, "off")
    await scene.time.passes(LONG_ENOUGH + 15)
    assert titles(notified) == ["3 connections lost"]
    for one in sensors:
        hass.states.async_set(one, "on")
    await scene.time.passes(30)
    assert titles(notified)[1:] == ["3 connected again"]


@pytest.mark.usefixtures("wall_clock")
async def test_a_camera_that_is_lost_anew_is_left_to_its_new_message(
    hass: HomeAssistant, scene: Scene, automate: Automate, notified: Calls
) -> None:
    """Two were lost together; an outage, and only one of them is lost again."""
    sensors = ["binary_sensor.first", "binary_sensor.second"]
    for one in sensors:
        hass.states.async_set(one, "on")
    await automate("connection_lost", sensors=sensors, notify_entities=["notify.phone"])
    for one in sensors:
        hass.states.async_set(one, "off")
    await scene.time.passes(LONG_ENOUGH + 15)
    assert titles(notified) == ["2 connections lost"]
    for one in sensors:
        hass.states.async_set(one, "unavailable")
    await scene.time.passes(60)
    hass.states.async_set(sensors[0], "off")
    await scene.time.passes(LONG_ENOUGH + 15)
    assert titles(notified)[1:] == ["binary_sensor.first: connection lost"]
    hass.states.async_set(sensors[1], "on")
    await scene.time.passes(30)
    assert titles(notified)[2:] == ["binary_sensor.second: connected again"]
    hass.states.async_set(sensors[0], "on")
    await scene.time.passes(30)
    assert titles(notified)[3:] == ["binary_sensor.first: connected again"]
