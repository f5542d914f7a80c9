"""An event in XProtect for a change in Home Assistant, and only then."""

from homeassistant.core import HomeAssistant
import pytest

from tests.integration.blueprints.conftest import Automate
from tests.integration.conftest import DeviceOf
from tests.integration.lossless.scene import Scene
from tests.integration.lossless.troubles import server_stopped
from xprotect_simulator import StoredEvent

DOOR = "binary_sensor.door"


class Door:
    """A door sensor, and the events that it triggers in XProtect."""

    def __init__(self, hass: HomeAssistant, scene: Scene) -> None:
        self._hass = hass
        self._scene = scene
        self._before = len(scene.simulator.world.ledger.happened)

    @property
    def events(self) -> list[StoredEvent]:
        """The events of the server since the automation was created."""
        return self._scene.simulator.world.ledger.happened[self._before :]

    async def becomes(self, state: str, **attributes: str) -> None:
        """Change the door's state, and wait for all its effects."""
        self._hass.states.async_set(DOOR, state, attributes)
        await self._scene.time.settle()


@pytest.fixture
async def door(hass: HomeAssistant, scene: Scene) -> Door:
    """Return a closed door."""
    door = Door(hass, scene)
    await door.becomes("off", friendly_name="Front door contact")
    return door


async def create(scene: Scene, automate: Automate, **inputs: object) -> None:
    """Create the automation of the door."""
    await automate(
        "trigger_event",
        **{
            "entities": [DOOR],
            "site": scene.entry.entry_id,
            "event": "Gate open",
        }
        | inputs,
    )


async def test_a_door_that_opens_triggers_the_event_once(
    scene: Scene, automate: Automate, door: Door
) -> None:
    """A rule in XProtect can then record at the door."""
    await create(scene, automate)
    await door.becomes("on", friendly_name="Front door contact")
    (event,) = door.events
    gate_open = scene.simulator.world.named("Gate open")
    assert (event.type, event.source) == (gate_open.id, gate_open.path)
    assert event.tag == "Home Assistant: Front door contact on"
    await door.becomes("off")
    await scene.time.passes(60)
    assert len(door.events) == 1
    await door.becomes("on")
    assert len(door.events) == 2


async def test_the_event_comes_back_as_home_assistant_s_own(
    scene: Scene, automate: Automate, door: Door
) -> None:
    """Another automation must be able to ignore it."""
    await create(scene, automate)
    await door.becomes("on")
    await scene.time.passes(3)
    seen = scene.bus.live[-1]
    assert (seen.data["type"], seen.data["origin"]) == ("Gate open", "home_assistant")


async def test_it_can_be_triggered_for_cameras(
    scene: Scene, automate: Automate, door: Door, device_of: DeviceOf
) -> None:
    """Then XProtect shows the event with the picture of this camera."""
    cameras = scene.simulator.world.cameras[:2]
    await create(
        scene,
        automate,
        event="Doorbell pressed",
        devices=[device_of(camera).id for camera in cameras],
        tag="A tag",
    )
    await door.becomes("on")
    assert [event.source for event in door.events] == [item.path for item in cameras]
    assert {event.tag for event in door.events} == {"A tag"}


async def test_a_tag_may_be_a_number(
    scene: Scene, automate: Automate, door: Door
) -> None:
    """Templates turn texts that look like numbers into numbers."""
    await create(scene, automate, tag="{{ 20 + 1.5 }}")
    await door.becomes("on")
    assert [event.tag for event in door.events] == ["21.5"]


@pytest.mark.parametrize("away", ["unavailable", "unknown"])
async def test_becoming_unavailable_and_back_triggers_nothing(
    scene: Scene, automate: Automate, door: Door, away: str
) -> None:
    """A changed battery is not an opened door."""
    await create(scene, automate)
    await door.becomes("on")
    for state in (away, "on", away, "off", away, "on"):
        await door.becomes(state)
    assert len(door.events) == 1


async def test_attributes_and_repeats_trigger_nothing(
    scene: Scene, automate: Automate, door: Door
) -> None:
    """Sensors report their battery more often than the door."""
    await create(scene, automate)
    await door.becomes("on")
    await door.becomes("on", battery="97")
    await door.becomes("on", battery="96")
    await door.becomes("on", battery="96")
    assert len(door.events) == 1


async def test_an_entity_that_has_just_been_added_triggers_nothing(
    hass: HomeAssistant, scene: Scene, automate: Automate, door: Door
) -> None:
    """Its integration was reloaded; the door did not move."""
    await create(scene, automate)
    hass.states.async_remove(DOOR)
    await door.becomes("on")
    assert door.events == []


async def test_other_states_and_other_entities_trigger_nothing(
    hass: HomeAssistant, scene: Scene, automate: Automate, door: Door
) -> None:
    """Only the chosen states of the chosen entities count."""
    await create(scene, automate, states=["triggered", "armed_away"])
    await door.becomes("on")
    hass.states.async_set("alarm_control_panel.other", "disarmed")
    hass.states.async_set("alarm_control_panel.other", "triggered")
    await scene.time.settle()
    assert door.events == []
    await door.becomes("armed_away")
    await door.becomes("triggered")
    assert [event.tag for event in door.events] == [
        "Home Assistant: door armed_away",
        "Home Assistant: door triggered",
    ]


async def test_a_state_that_does_not_last_triggers_nothing(
    scene: Scene, automate: Automate, door: Door
) -> None:
    """A door that closes after a moment was not left open."""
    await create(scene, automate, seconds=30)
    await door.becomes("on")
    await scene.time.passes(20)
    await door.becomes("off")
    await scene.time.passes(20)
    await door.becomes("on")
    await scene.time.passes(29)
    assert door.events == []
    await scene.time.passes(2)
    assert len(door.events) == 1


async def test_an_event_that_could_not_be_triggered_is_not_triggered_later(
    scene: Scene, automate: Automate, door: Door
) -> None:
    """A later recording is useless; the log shows the failure."""
    await create(scene, automate)
    async with server_stopped(scene):
        await door.becomes("on")
        await scene.time.passes(120)
    await scene.time.passes(125)
    assert door.events == []
    assert "The XProtect server cannot be reached" in scene.caplog.text
