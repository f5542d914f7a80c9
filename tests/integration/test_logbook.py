"""The logbook: what happened, where, and who did it."""

from typing import Any

from homeassistant.auth.models import User
from homeassistant.components.recorder import Recorder
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_component,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.xprotect_events.const import (
    DOMAIN,
    EVENT_LIVE,
    EVENT_MISSED,
)
from tests.integration.conftest import A_WHILE, DeviceOf, Poll
from xprotect_simulator import Simulator, event_ids

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture(autouse=True)
def custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Let the recorder be there before Home Assistant is."""


class Logbook:
    """Reads the logbook as its page does."""

    def __init__(self, hass: HomeAssistant, clients: WebSocketGenerator) -> None:
        self._hass = hass
        self._clients = clients
        self._since = dt_util.utcnow()

    async def entries(self, **wanted: object) -> list[dict[str, Any]]:
        """Return our own entries, the oldest first."""
        await async_wait_recording_done(self._hass)
        client = await self._clients(self._hass)
        await client.send_json_auto_id(
            {
                "type": "logbook/get_events",
                "start_time": self._since.replace(hour=0).isoformat(),
                **wanted,
            }
        )
        reply = await client.receive_json()
        assert reply["success"], reply
        return [one for one in reply["result"] if one.get("domain") == DOMAIN]

    async def sentences(self, **wanted: object) -> list[str]:
        """Return what people read."""
        return [
            f"{one['name']} {one['message']}" for one in await self.entries(**wanted)
        ]


@pytest.fixture
async def logbook(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
) -> Logbook:
    """Set the real logbook up, with the recorder that it reads from."""
    mock_component(hass, "frontend")
    assert await async_setup_component(hass, "logbook", {})
    await hass.async_block_till_done()
    return Logbook(hass, hass_ws_client)


async def test_an_event_of_a_camera_is_a_sentence_with_its_name(
    simulator: Simulator, poll: Poll, logbook: Logbook
) -> None:
    """Without it the logbook shows the name of an event type of the program."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    assert await logbook.sentences() == ["Front door reported Motion Started"]
    (entry,) = await logbook.entries()
    assert entry["icon"] == "mdi:cctv"


async def test_the_name_that_the_user_gave_is_the_one_that_counts(
    simulator: Simulator,
    poll: Poll,
    logbook: Logbook,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
) -> None:
    """Who has called it Anna looks for Anna."""
    camera = simulator.world.cameras[0]
    device_registry.async_update_device(device_of(camera).id, name_by_user="Anna")
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert await logbook.sentences() == ["Anna reported Motion Started"]


async def test_what_has_no_device_is_told_of_the_server_with_its_place(
    simulator: Simulator, poll: Poll, logbook: Logbook
) -> None:
    """A site has several recorders, and one of them is full."""
    recorder = simulator.world.items("recordingServers")[0]
    simulator.world.emit("a4935aa3-c4b6-42a3-b4c5-6d4c20b043cf", recorder)
    simulator.world.emit(simulator.world.named("Gate open").id)
    await poll()
    assert await logbook.sentences() == [
        f"Simulated site reported Database Disk Full at {recorder.name}",
        "Simulated site reported Gate open",
    ]


async def test_an_event_of_ours_says_so_and_names_who_it_was(
    hass: HomeAssistant,
    hass_admin_user: User,
    loaded: MockConfigEntry,
    poll: Poll,
    logbook: Logbook,
) -> None:
    """Who opened the gate is the first question."""
    await hass.services.async_call(
        DOMAIN,
        "trigger_event",
        {"config_entry_id": loaded.entry_id, "event": "Gate open"},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    await poll()
    (entry,) = await logbook.entries()
    assert entry["message"] == "reported Gate open, triggered by Home Assistant"
    assert entry["context_user_id"] == hass_admin_user.id
    assert (entry["context_domain"], entry["context_service"]) == (
        DOMAIN,
        "trigger_event",
    )


async def test_an_event_of_an_automation_names_the_automation(
    hass: HomeAssistant, loaded: MockConfigEntry, poll: Poll, logbook: Logbook
) -> None:
    """The gate that opens by itself at night has a reason."""
    action = {
        "action": f"{DOMAIN}.trigger_event",
        "data": {"config_entry_id": loaded.entry_id, "event": "Gate open"},
    }
    automation = {
        "alias": "Welcome home",
        "triggers": [{"trigger": "event", "event_type": "arrived"}],
        "actions": [action],
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    hass.bus.async_fire("arrived")
    await hass.async_block_till_done()
    await poll()
    (entry,) = await logbook.entries()
    assert entry["message"] == "reported Gate open, triggered by Home Assistant"
    assert entry["context_name"] == "Welcome home"


async def test_a_late_event_says_that_it_is_late(
    simulator: Simulator, poll: Poll, logbook: Logbook
) -> None:
    """It stands where it happened, and nothing has happened then."""
    simulator.faults.enable("event_server_down")
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll(120)
    simulator.faults.clear()
    await poll(A_WHILE)
    (entry,) = await logbook.entries()
    assert entry["message"] == (
        "reported Motion Started, which reached Home Assistant late"
    )


async def test_the_page_of_a_device_shows_its_events_and_no_others(
    simulator: Simulator, poll: Poll, logbook: Logbook, device_of: DeviceOf
) -> None:
    """That is where somebody looks who has found the camera."""
    camera, other = simulator.world.cameras[:2]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    simulator.world.emit(event_ids.MOTION_STOPPED, other)
    await poll()
    sentences = await logbook.sentences(device_ids=[device_of(camera).id])
    assert sentences == ["Front door reported Motion Started"]


@pytest.mark.parametrize("event_type", [EVENT_LIVE, EVENT_MISSED])
async def test_a_device_that_is_gone_costs_no_sentence(
    hass: HomeAssistant,
    simulator: Simulator,
    poll: Poll,
    logbook: Logbook,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
    event_type: str,
) -> None:
    """The logbook is older than what it tells of."""
    seen: dict[str, Any] = {}
    hass.bus.async_listen(EVENT_LIVE, lambda event: seen.update(event.data))
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    device_registry.async_remove_device(device_of(camera).id)
    hass.bus.async_fire(event_type, {**seen, "missed": False})
    sentences = await logbook.sentences()
    assert sentences[-1] == "XProtect reported Motion Started at Front door"


@pytest.mark.parametrize(
    "data", [{}, {"type": "Gate open", "device_id": None}, {"source_name": ["x"]}]
)
async def test_an_event_that_somebody_fires_by_hand_does_not_end_the_page(
    hass: HomeAssistant,
    simulator: Simulator,
    poll: Poll,
    logbook: Logbook,
    data: dict[str, object],
) -> None:
    """Who tries an automation fires what it waits for, and no more than that."""
    for event_type in (EVENT_LIVE, EVENT_MISSED):
        hass.bus.async_fire(event_type, data)
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    sentences = await logbook.sentences()
    assert len(sentences) == 3
    assert sentences[-1] == "Front door reported Motion Started"
