"""Diagnostics: contents, and private data that they must not contain."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util.json import JsonObjectType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.xprotect_events.const import CONF_CA_CERTIFICATE, DOMAIN
from tests.integration.conftest import A_WHILE, DeviceOf, Poll
from xprotect_simulator import Item, Simulator, event_ids

SECRET_DATA = {"Description": "AB 12345"}


class Download:
    """Downloads diagnostics like a user."""

    def __init__(
        self,
        hass: HomeAssistant,
        clients: ClientSessionGenerator,
        entry: MockConfigEntry,
    ) -> None:
        self._hass = hass
        self._clients = clients
        self._entry = entry

    async def of_entry(self) -> dict[str, Any]:
        """Return the diagnostics of the entry."""
        return self._checked(
            await get_diagnostics_for_config_entry(
                self._hass, self._clients, self._entry
            )
        )

    async def of_device(self, device_of: DeviceOf, item: Item) -> dict[str, Any]:
        """Return the diagnostics of an item's device."""
        return self._checked(
            await get_diagnostics_for_device(
                self._hass, self._clients, self._entry, device_of(item)
            )
        )

    def _checked(self, found: JsonObjectType) -> dict[str, Any]:
        assert self._entry.title not in json.dumps(found)
        return dict(found)


@pytest.fixture
def download(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> Download:
    """Return an object that downloads diagnostics of the entry."""
    return Download(hass, hass_client, entry)


@pytest.mark.usefixtures("loaded")
async def test_they_show_how_events_are_and_were_delivered(
    simulator: Simulator, poll: Poll, download: Download
) -> None:
    """A bug report must show what happened before it."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    simulator.faults.enable("event_server_down")
    simulator.world.emit(event_ids.MOTION_STOPPED, simulator.world.cameras[0])
    await poll(120)
    simulator.faults.clear()
    await poll(A_WHILE)
    delivery = (await download.of_entry())["delivery"]
    changes = delivery.pop("mode_changes")
    assert [change["mode"] for change in changes] == [
        "down",
        "poll",
        "down",
        "catching_up",
        "poll",
    ]
    assert all(change["at"] for change in changes)
    assert delivery.pop("sessions_opened") >= 1
    delivery.pop("repeats_dropped")
    assert delivery == {
        "mode": "poll",
        "is_delivering": True,
        "live": 1,
        "missed": 1,
        "audit_finds": 0,
        "streams_opened": 0,
        "streams_resumed": 0,
        "not_pushed": [],
    }


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("fault", ["event_repeated"])
async def test_repeats_that_were_dropped_are_counted(
    simulator: Simulator, poll: Poll, download: Download, fault: str
) -> None:
    """Many repeats mean that a server behaves in an unknown way."""
    simulator.faults.enable(fault)
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    await poll()
    delivery = (await download.of_entry())["delivery"]
    assert delivery["live"] == 1
    assert delivery["repeats_dropped"] >= 1


@pytest.mark.usefixtures("loaded")
async def test_they_show_how_far_the_events_were_read(
    simulator: Simulator, poll: Poll, download: Download
) -> None:
    """A position that does not move explains missing events."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    await poll(A_WHILE)
    position = (await download.of_entry())["position"]
    assert A_WHILE <= position["cursor_age_seconds"] < A_WHILE + 10
    assert position["complete_age_seconds"] < 2
    assert position["remembered_ids"] == 1
    assert position["server_ahead_seconds"] < 0


@pytest.mark.usefixtures("loaded")
async def test_they_show_the_last_events_without_their_data(
    simulator: Simulator, poll: Poll, download: Download
) -> None:
    """The types are enough to see a pattern."""
    camera = simulator.world.cameras[0]
    for _ in range(30):
        simulator.world.emit(event_ids.MOTION_STOPPED, camera, tag="secret tag")
    plate = simulator.world.named("Licence plate read")
    simulator.world.emit(plate.id, camera, data=SECRET_DATA)
    gate_open = simulator.world.named("Gate open")
    simulator.world.emit(gate_open.id)
    await poll()
    found = await download.of_entry()
    events = found["last_events"]
    assert len(events) == 25
    assert all(event["at"] and event["delay_seconds"] < 60 for event in events)
    kinds = [(one["type"], one["type_id"], one["source_type"]) for one in events[-3:]]
    assert kinds == [
        ("Motion Stopped", event_ids.MOTION_STOPPED, "cameras"),
        (None, plate.id, "cameras"),
        (None, gate_open.id, "userDefinedEvents"),
    ]


@pytest.mark.usefixtures("loaded")
async def test_they_describe_the_site(
    simulator: Simulator, download: Download, poll: Poll
) -> None:
    """Most problems depend on the size, the version or a missing right."""
    simulator.identity.forbid("stateGroups")
    simulator.world.disable(simulator.world.cameras[0])
    await poll()
    await poll()
    inventory = (await download.of_entry())["inventory"]
    assert inventory["last_read_succeeded"] is True
    assert inventory["site_version"][:3] == "25."
    assert inventory["unreadable"] == ["stateGroups"]
    assert inventory["complete"] is False
    assert inventory["enabled"]["cameras"] == len(simulator.world.cameras) - 1
    assert inventory["disabled"] == {"cameras": 1}
    assert inventory["event_types"] == len(simulator.world.event_types)


@pytest.mark.parametrize(
    "entry_options",
    [{"delivery": "poll", "event_types": [event_ids.MOTION_STOPPED]}],
)
async def test_they_contain_no_secret_and_no_name(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    download: Download,
    device_of: DeviceOf,
) -> None:
    """Bug reports are public."""
    certificate = "-----BEGIN CERTIFICATE-----"
    hass.config_entries.async_update_entry(
        entry,
        title="Villa Anna",
        data={
            **entry.data,
            "verify_ssl": False,
            CONF_CA_CERTIFICATE: certificate,
        },
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    world = simulator.world
    for camera in world.cameras:
        plate = world.named("Licence plate read")
        world.emit(plate.id, camera, data=SECRET_DATA, tag="secret tag")
    await poll()
    found = await download.of_entry()
    assert found["data"]["password"] == "**REDACTED**"
    assert found["data"]["authentication"] == "basic"
    assert found["options"] == entry.options
    texts = [json.dumps(found)]
    texts += [
        json.dumps(await download.of_device(device_of, camera))
        for camera in world.cameras
    ]
    people = {item.name for item in (*world.cameras, *world.user_defined_events)}
    secrets = {
        "demo",
        "127.0.0.1",
        simulator.url,
        certificate,
        "AB 12345",
        "secret tag",
        world.site.name,
        *people,
    }
    for text in texts:
        assert [secret for secret in secrets if secret in text] == []


@pytest.mark.usefixtures("loaded")
async def test_those_of_a_camera_show_its_states_and_its_events(
    simulator: Simulator, poll: Poll, download: Download, device_of: DeviceOf
) -> None:
    """For example, one camera is silent and another one is not."""
    camera, other = simulator.world.cameras[:2]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    simulator.world.emit(event_ids.MOTION_STOPPED, other)
    await poll()
    found = await download.of_device(device_of, camera)
    assert found["source"] == camera.path
    assert (found["listed"], found["enabled"]) == (True, True)
    assert found["delivery"] == {"mode": "poll", "is_delivering": True}
    assert found["states"]["motion"] == {"state": "Motion", "is_on": True}
    assert found["states"]["recording"] is None
    (event,) = found["last_events"]
    assert event["type"] == "Motion Started"
    keys = {(entity["domain"], entity["key"]) for entity in found["entities"]}
    assert {("event", "camera_event"), ("binary_sensor", "motion")} <= keys


@pytest.mark.usefixtures("loaded")
async def test_those_of_a_disabled_camera_say_so(
    simulator: Simulator, poll: Poll, download: Download, device_of: DeviceOf
) -> None:
    """It is the reason for missing events."""
    camera = simulator.world.cameras[0]
    simulator.world.disable(camera)
    await poll()
    await poll()
    found = await download.of_device(device_of, camera)
    assert (found["listed"], found["enabled"]) == (True, False)


@pytest.mark.usefixtures("loaded")
async def test_those_of_the_server_are_those_of_the_entry(
    simulator: Simulator, download: Download, device_of: DeviceOf
) -> None:
    """Its device represents the site."""
    found = await download.of_device(device_of, simulator.world.site)
    assert found["delivery"]["mode"] == "poll"


async def test_those_of_an_entry_that_cannot_be_set_up_say_why(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    loaded: MockConfigEntry,
    download: Download,
    device_of: DeviceOf,
) -> None:
    """That is when users ask for help."""
    await simulator.stop()
    del hass_storage[f"{DOMAIN}.{loaded.entry_id}.inventory"]
    await hass.config_entries.async_reload(loaded.entry_id)
    for found in (
        await download.of_entry(),
        await download.of_device(device_of, simulator.world.cameras[0]),
    ):
        assert found["state"] == "setup_retry"
        assert found["error"] == "cannot_connect"
        assert found["data"]["password"] == "**REDACTED**"
        assert "delivery" not in found
