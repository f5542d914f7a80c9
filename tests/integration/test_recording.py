"""The actions that request recordings from XProtect."""

from collections.abc import AsyncIterator

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from tests.integration.conftest import DeviceOf, Poll, StateOf
from xprotect_simulator import ManualClock, Options, Simulator, event_ids
from xprotect_simulator.site.security import TRIGGER


async def call(
    hass: HomeAssistant, action: str, *device_ids: str, context: Context | None = None
) -> None:
    """Call an action like a script."""
    await hass.services.async_call(
        DOMAIN, action, {"device_id": list(device_ids)}, blocking=True, context=context
    )


@pytest.mark.usefixtures("loaded")
async def test_a_camera_records_until_the_stop(
    hass: HomeAssistant,
    simulator: Simulator,
    device_of: DeviceOf,
    binary_state: StateOf,
    poll: Poll,
) -> None:
    """For example, while a visitor is at the door."""
    camera = simulator.world.cameras[0]
    seen = async_capture_events(hass, EVENT_LIVE)
    await call(hass, "start_recording", device_of(camera).id, device_of(camera).id)
    await poll()
    requested, recording = seen
    assert requested.data["type_id"] == event_ids.REQUEST_START_RECORDING
    assert requested.data["source"] == camera.path
    assert requested.data["origin"] == "home_assistant"
    assert recording.data["type_id"] == event_ids.RECORDING_STARTED
    assert binary_state(camera, "recording") == "on"
    await call(hass, "stop_recording", device_of(camera).id)
    await poll()
    assert binary_state(camera, "recording") == "off"


@pytest.mark.usefixtures("loaded")
async def test_several_cameras_are_in_one_request(
    hass: HomeAssistant, simulator: Simulator, device_of: DeviceOf
) -> None:
    """They should begin together."""
    cameras = simulator.world.cameras
    await call(hass, "start_recording", *(device_of(one).id for one in cameras))
    started = [
        event.source
        for event in simulator.world.ledger.happened
        if event.type == event_ids.REQUEST_START_RECORDING
    ]
    assert started == [camera.path for camera in cameras]
    sent = [one.path for one in simulator.requests if one.method == "POST"]
    assert [path for path in sent if "/events" in path] == ["/api/rest/v1/events/bulk"]


@pytest.mark.usefixtures("loaded")
async def test_only_cameras_record(
    hass: HomeAssistant, simulator: Simulator, device_of: DeviceOf
) -> None:
    """Nothing is sent for other devices."""
    siren = simulator.world.items("outputs")[0]
    camera = simulator.world.cameras[0]
    for device_id in (device_of(siren).id, device_of(simulator.world.site).id, "none"):
        with pytest.raises(ServiceValidationError) as caught:
            await call(hass, "start_recording", device_of(camera).id, device_id)
        assert caught.value.translation_key == "device_is_no_camera"
    assert simulator.world.ledger.happened == []


@pytest.mark.parametrize("change", ["disable", "remove"])
@pytest.mark.usefixtures("loaded")
async def test_a_camera_that_cannot_record_is_named_and_the_others_record(
    hass: HomeAssistant,
    simulator: Simulator,
    device_of: DeviceOf,
    poll: Poll,
    change: str,
) -> None:
    """XProtect accepts the request for a disabled camera, and nothing happens."""
    gone, other, *_ = simulator.world.cameras
    devices = [device_of(gone).id, device_of(other).id]
    getattr(simulator.world, change)(gone)
    await poll()
    await poll()
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "start_recording", *devices)
    assert caught.value.translation_key == "camera_absent"
    assert caught.value.translation_placeholders == {"device_id": devices[0]}
    requested = [
        event.source
        for event in simulator.world.ledger.happened
        if event.type == event_ids.REQUEST_START_RECORDING
    ]
    assert requested == [other.path]
    await call(hass, "stop_recording", devices[1])


@pytest.mark.usefixtures("loaded")
async def test_a_refusal_by_xprotect_is_an_error(
    hass: HomeAssistant, simulator: Simulator, device_of: DeviceOf
) -> None:
    """A user who relies on a recording must know that there is none."""
    first, second, *_ = simulator.world.cameras
    simulator.identity.deny("userDefinedEvents", TRIGGER)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "start_recording", device_of(first).id)
    assert caught.value.translation_key == "permission_denied"
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "start_recording", device_of(first).id, device_of(second).id)
    assert caught.value.translation_key == "trigger_refused"


@pytest.mark.usefixtures("loaded")
async def test_only_administrators_may_call_the_actions(
    hass: HomeAssistant,
    hass_read_only_user: User,
    simulator: Simulator,
    device_of: DeviceOf,
) -> None:
    """The action has no entity whose permissions could be checked."""
    context = Context(user_id=hass_read_only_user.id)
    camera = simulator.world.cameras[0]
    for action in ("start_recording", "stop_recording"):
        with pytest.raises(Unauthorized):
            await call(hass, action, device_of(camera).id, context=context)


class OtherSite:
    """A second site, with an entry of its own."""

    def __init__(
        self, site: Simulator, entry: MockConfigEntry, camera: dr.DeviceEntry
    ) -> None:
        self.site = site
        self.entry = entry
        self.camera = camera


@pytest.fixture
async def other(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
) -> AsyncIterator[OtherSite]:
    """Set up a second site."""
    options = Options(scenario="quiet", seed=7)
    async with Simulator(options, clock=simulator.clock) as site:
        entry = MockConfigEntry(
            domain=DOMAIN,
            unique_id=site.world.site.id,
            data={**loaded.data, "url": site.url},
            options=loaded.options,
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        camera = site.world.cameras[0]
        device = device_registry.async_get_device_by_identifier(
            (DOMAIN, f"{site.world.site.id}_{camera.id}"), entry.entry_id
        )
        assert device is not None
        yield OtherSite(site, entry, device)
        await hass.config_entries.async_unload(entry.entry_id)


async def test_a_site_that_refuses_does_not_keep_another_from_recording(
    hass: HomeAssistant, simulator: Simulator, other: OtherSite, device_of: DeviceOf
) -> None:
    """All other cameras must still record."""
    simulator.identity.deny("userDefinedEvents", TRIGGER)
    first = device_of(simulator.world.cameras[0])
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "start_recording", first.id, other.camera.id)
    assert caught.value.translation_key == "permission_denied"
    requested = [one.type for one in other.site.world.ledger.happened]
    assert event_ids.REQUEST_START_RECORDING in requested


async def test_a_site_that_is_unloaded_meanwhile_is_said(
    hass: HomeAssistant,
    simulator: Simulator,
    other: OtherSite,
    device_of: DeviceOf,
    clock: ManualClock,
) -> None:
    """The other one records, and the error names the camera that does not."""
    first = device_of(simulator.world.cameras[0])
    simulator.faults.enable("slow:5:path=/api/rest/v1/events:count=1")
    calling = hass.async_create_task(
        call(hass, "start_recording", first.id, other.camera.id)
    )
    await clock.until_asleep()
    await hass.config_entries.async_unload(other.entry.entry_id)
    await clock.advance(6)
    with pytest.raises(ServiceValidationError) as caught:
        await calling
    assert caught.value.translation_key == "service_config_entry_not_loaded"
    requested = [one.type for one in simulator.world.ledger.happened]
    assert event_ids.REQUEST_START_RECORDING in requested


async def test_a_camera_of_a_site_that_is_not_loaded_has_its_own_error(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    device_of: DeviceOf,
) -> None:
    """The user has to look at the integration, not at the device."""
    camera = device_of(simulator.world.cameras[0])
    await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "start_recording", camera.id)
    assert caught.value.translation_key == "service_config_entry_not_loaded"
