"""The logbook: what happened, where, and who caused it."""

from datetime import timedelta
from typing import Any

from homeassistant.auth.models import User
from homeassistant.components.recorder import Recorder
from homeassistant.const import EVENT_LOGBOOK_ENTRY
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    mock_component,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.xprotect_events.const import (
    DOMAIN,
    EVENT_LIVE,
    EVENT_MISSED,
)
from custom_components.xprotect_events.logbook import async_log_alarm, async_log_event
from tests.integration.conftest import A_WHILE, DeviceOf, Poll
from tests.integration.entries import reload
from xprotect_simulator import Simulator, event_ids

pytestmark = pytest.mark.usefixtures("loaded")

CAMERA_EVENT = "event.front_door_camera_event"
MOTION = "binary_sensor.front_door_motion"
AN_HOUR = timedelta(hours=1)
SERVER_EVENT = "event.simulated_site_server_event"


@pytest.fixture(autouse=True)
def custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Set up the recorder before Home Assistant."""


class Logbook:
    """Reads the logbook like its page."""

    def __init__(self, hass: HomeAssistant, clients: WebSocketGenerator) -> None:
        self._hass = hass
        self._clients = clients
        self._since = dt_util.utcnow()

    async def entries(
        self, *, back: timedelta = timedelta(), **wanted: object
    ) -> list[dict[str, Any]]:
        """Return all entries since it was opened, or so long before, in order."""
        await async_wait_recording_done(self._hass)
        client = await self._clients(self._hass)
        await client.send_json_auto_id(
            {
                "type": "logbook/get_events",
                "start_time": (self._since - back).isoformat(),
                **wanted,
            }
        )
        reply = await client.receive_json()
        assert reply["success"], reply
        found: list[dict[str, Any]] = reply["result"]
        return found

    async def sentences(self) -> list[str]:
        """Return our sentences, including those of missed events."""
        entries = await self.entries(back=AN_HOUR)
        ours = [one for one in entries if one.get("domain") == DOMAIN]
        return [f"{one['name']} {one['message']}" for one in ours]

    async def open(self) -> OpenPage:
        """Open the page, which shows entries from now on."""
        client = await self._clients(self._hass)
        await client.send_json_auto_id(
            {
                "type": "logbook/event_stream",
                "start_time": dt_util.utcnow().isoformat(),
            }
        )
        page = OpenPage(self._hass, client)
        await page.until_ready()
        return page


class OpenPage:
    """A page of the logbook that stays open."""

    def __init__(self, hass: HomeAssistant, client: MockHAClientWebSocket) -> None:
        self._hass = hass
        self._client = client

    async def until_ready(self) -> None:
        """Wait until the page has received the past; new entries follow after that."""
        reply = await self._client.receive_json()
        assert reply["success"], reply
        is_past = True
        while is_past:
            await async_wait_recording_done(self._hass)
            message = await self._client.receive_json()
            is_past = message["event"].get("partial", False)

    async def entries(self) -> list[dict[str, Any]]:
        """Return the next entries of the page."""
        message = await self._client.receive_json()
        found: list[dict[str, Any]] = message["event"]["events"]
        return found


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


async def test_a_motion_has_one_line_and_is_the_cause_of_what_it_changes(
    simulator: Simulator, poll: Poll, logbook: Logbook
) -> None:
    """Otherwise the sensor would seem to be the cause of the event."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    event, sensor = await logbook.entries()
    assert event["entity_id"] == CAMERA_EVENT
    assert event["attributes"] == {"event_type": "motion_started"}
    assert "context_entity_id" not in event
    assert (sensor["entity_id"], sensor["state"]) == (MOTION, "on")
    assert sensor["context_entity_id"] == CAMERA_EVENT


async def test_an_open_page_shows_the_same(
    simulator: Simulator, poll: Poll, logbook: Logbook
) -> None:
    """It finds causes differently from a page that is opened afterwards."""
    page = await logbook.open()
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    event, sensor = await page.entries()
    assert (event["entity_id"], sensor["entity_id"]) == (CAMERA_EVENT, MOTION)
    assert "context_entity_id" not in event
    assert sensor["context_entity_id"] == CAMERA_EVENT


async def test_events_that_no_enabled_entity_shows_have_a_sentence(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    logbook: Logbook,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
) -> None:
    """A disabled entity hides no event from the logbook."""
    camera = simulator.world.cameras[0]
    device_registry.async_update_device(device_of(camera).id, name_by_user="Anna")
    entity_registry.async_update_entity(
        CAMERA_EVENT, disabled_by=er.RegistryEntryDisabler.USER
    )
    await reload(hass, loaded)
    page = await logbook.open()
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    line, sensor = await page.entries()
    # The name that the user gave is shown.
    assert (line["name"], line["message"]) == ("Anna", "reported Motion Started")
    assert sensor["entity_id"] == MOTION
    assert "context_entity_id" not in sensor
    assert await logbook.sentences() == ["Anna reported Motion Started"]


async def test_without_the_logbook_nothing_is_written_for_it(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """It would be useless work."""
    written = async_capture_events(hass, EVENT_LOGBOOK_ENTRY)
    unit = simulator.world.items("hardware")[0]
    simulator.world.emit("6baad64b-c395-4f52-b6a3-dd1b64aa2f0f", unit)
    await poll()
    assert not written


async def test_events_without_a_device_are_shown_by_the_entity_of_the_server(
    hass: HomeAssistant, simulator: Simulator, poll: Poll, logbook: Logbook
) -> None:
    """For example, one of several recorders whose storage is full."""
    recorder = simulator.world.items("recordingServers")[0]
    simulator.world.emit("a4935aa3-c4b6-42a3-b4c5-6d4c20b043cf", recorder)
    await poll()
    (line,) = await logbook.entries()
    assert line["entity_id"] == SERVER_EVENT
    assert line["attributes"] == {"event_type": "database_disk_full"}
    state = hass.states.get(SERVER_EVENT)
    assert state is not None
    assert state.attributes["source_name"] == recorder.name


async def test_our_own_event_names_its_cause(
    hass: HomeAssistant,
    hass_admin_user: User,
    loaded: MockConfigEntry,
    poll: Poll,
    logbook: Logbook,
) -> None:
    """The user or automation that opened the gate."""
    await hass.services.async_call(
        DOMAIN,
        "trigger_event",
        {"config_entry_id": loaded.entry_id, "event": "Gate open"},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    await poll()
    (line,) = await logbook.entries()
    assert line["context_user_id"] == hass_admin_user.id
    assert (line["context_domain"], line["context_service"]) == (
        DOMAIN,
        "trigger_event",
    )


async def test_an_event_of_an_automation_names_the_automation(
    hass: HomeAssistant, loaded: MockConfigEntry, poll: Poll, logbook: Logbook
) -> None:
    """The logbook must show why the gate opened at night."""
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
    line = (await logbook.entries())[-1]
    assert line["entity_id"].startswith("event.")
    assert line["context_name"] == "Welcome home"


async def test_the_sentence_of_a_missed_event_says_so(
    simulator: Simulator, poll: Poll, logbook: Logbook
) -> None:
    """Its line is at its own time, when Home Assistant did nothing else."""
    simulator.faults.enable("event_server_down")
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll(120)
    simulator.faults.clear()
    await poll(A_WHILE)
    assert await logbook.sentences() == [
        "Front door reported Motion Started, which reached Home Assistant late"
    ]


async def test_the_page_of_a_device_shows_its_events_and_no_others(
    simulator: Simulator, poll: Poll, logbook: Logbook, device_of: DeviceOf
) -> None:
    """Users look there first."""
    camera, other = simulator.world.cameras[:2]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    simulator.world.emit(event_ids.MOTION_STARTED, other)
    await poll()
    entries = await logbook.entries(
        device_ids=[device_of(camera).id], entity_ids=[CAMERA_EVENT]
    )
    assert [one["entity_id"] for one in entries] == [CAMERA_EVENT]


async def test_the_sentence_of_a_deleted_device_is_kept(
    hass: HomeAssistant,
    simulator: Simulator,
    poll: Poll,
    logbook: Logbook,
    device_registry: dr.DeviceRegistry,
    device_of: DeviceOf,
) -> None:
    """The logbook is kept longer than devices."""
    seen: dict[str, Any] = {}
    hass.bus.async_listen(EVENT_LIVE, lambda event: seen.update(event.data))
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    device_registry.async_remove_device(device_of(camera).id)
    hass.bus.async_fire(EVENT_MISSED, {**seen, "missed": True})
    sentences = await logbook.sentences()
    (sentence,) = sentences
    assert sentence.startswith("XProtect reported Motion Started at Front door, ")


async def test_an_incomplete_event_does_not_break_the_page(
    hass: HomeAssistant, simulator: Simulator, poll: Poll, logbook: Logbook
) -> None:
    """Users fire incomplete events to test their automations."""
    by_hand: tuple[dict[str, object], ...] = (
        {},
        {"type": "Gate open", "device_id": None},
        {"source_name": ["x"]},
    )
    for data in by_hand:
        hass.bus.async_fire(EVENT_LIVE, data)
        hass.bus.async_fire(EVENT_MISSED, data)
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    assert await logbook.sentences() == [
        "XProtect reported an event, which reached Home Assistant late",
        "XProtect reported Gate open, which reached Home Assistant late",
        "XProtect reported an event at ['x'], which reached Home Assistant late",
    ]
    assert [one["entity_id"] for one in (await logbook.entries())[3:]] == [
        CAMERA_EVENT,
        MOTION,
    ]


@pytest.mark.parametrize("entry_options", [{"delivery": "poll", "alarms": True}])
async def test_an_alarm_has_one_line(
    hass: HomeAssistant,
    logbook: Logbook,
    simulator: Simulator,
    poll: Poll,
) -> None:
    """Its event entity shows live alarms; missed ones have a sentence."""
    for _ in range(10):
        await poll(12)
    late = simulator.world.now() - 100 * 10_000_000
    simulator.alarms.raise_alarm("Flood", ticks=late)
    simulator.alarms.raise_alarm("Fire")
    await poll(12)
    entity = "event.simulated_site_alarm"
    messages = [
        one.get("message") or one["entity_id"] for one in await logbook.entries()
    ]
    late_line = "raised the alarm Flood, which reached Home Assistant late"
    assert messages == [late_line, entity]
    state = hass.states.get(entity)
    assert state is not None
    assert state.attributes["name"] == "Fire"


async def test_alarms_have_lines_live_or_missed(hass: HomeAssistant) -> None:
    """With the place, unless the device is that of the source."""
    lines = async_capture_events(hass, "logbook_entry")
    hass.config.components.add("logbook")
    for missed in (False, True):
        data = {"name": "Fire", "alarm_id": "1", "missed": missed}
        async_log_alarm(hass, data, Context())
    async_log_event(hass, {"type": "Motion", "source_name": "Porch"}, Context())
    await hass.async_block_till_done()
    assert [line.data["message"] for line in lines] == [
        "raised the alarm Fire",
        "raised the alarm Fire, which reached Home Assistant late",
        "reported Motion at Porch",
    ]
