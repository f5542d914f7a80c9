"""Entities with pictures: of the last event, and live."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from homeassistant.components import (
    camera as camera_component,
    image as image_component,
)
from homeassistant.const import (
    ATTR_ENTITY_PICTURE,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.xprotect_events.engine import pictures as pictures_module
from custom_components.xprotect_events.engine.shot import BusyError
from tests.integration.conftest import Poll
from tests.integration.entries import reload
from tests.integration.pictures.conftest import Enable, Happen, check
from xprotect_simulator import Item, Simulator, event_ids
from xprotect_simulator.recorders.listeners import Recorder

EVENT = "event.front_door_camera_event"
SITE_IMAGE = "image.simulated_site_last_event_picture"


def changes_of(events: list[Event[dict[str, Any]]], entity_id: str) -> int:
    """Return the number of writes of an entity's state."""
    return sum(one.data["entity_id"] == entity_id for one in events)


async def test_the_site_shows_the_picture_of_the_last_event_of_any_camera(
    hass: HomeAssistant, happen: Happen, recorder: Recorder, camera: Item
) -> None:
    """It is fetched when a page shows it, and not before."""
    state = hass.states.get(SITE_IMAGE)
    assert state is not None
    assert state.state == STATE_UNKNOWN
    with pytest.raises(HomeAssistantError):
        await image_component.async_get_image(hass, SITE_IMAGE)
    event = await happen(camera)
    state = hass.states.get(SITE_IMAGE)
    assert state is not None
    assert state.state == event.time.isoformat()
    assert state.attributes["source_name"] == camera.name
    assert state.attributes["event_id"] == event.id
    assert state.attributes["picture"].endswith(event.id)
    assert not recorder.ledger.calls
    for _ in range(3):
        image = await image_component.async_get_image(hass, SITE_IMAGE)
        check(image.content, event, camera)
    assert recorder.ledger.count("JPEGGetAt") == 1


async def test_a_burst_of_events_writes_the_state_every_ten_seconds(
    hass: HomeAssistant,
    happen: Happen,
    simulator: Simulator,
    poll: Poll,
    camera: Item,
) -> None:
    """Two hundred events a second must not fill the database."""
    written = async_capture_events(hass, "state_changed")
    await happen(camera)
    other = simulator.world.cameras[1]
    for _ in range(40):
        simulator.world.emit(event_ids.MOTION_STOPPED, other)
    last = simulator.world.emit(event_ids.MOTION_STARTED, other)
    await poll(3)
    assert changes_of(written, SITE_IMAGE) == 1
    await poll(11)
    assert changes_of(written, SITE_IMAGE) == 2
    state = hass.states.get(SITE_IMAGE)
    assert state is not None
    assert state.attributes["event_id"] == last.id
    await poll(11)
    await poll(11)
    assert changes_of(written, SITE_IMAGE) == 2
    again = await happen(camera)
    state = hass.states.get(SITE_IMAGE)
    assert state is not None
    assert state.attributes["event_id"] == again.id


async def test_a_camera_shows_its_own_events_once_its_image_is_enabled(
    hass: HomeAssistant,
    happen: Happen,
    enable: Enable,
    simulator: Simulator,
    camera: Item,
) -> None:
    """A large site has more cameras than a user views."""
    entity_id = await enable(Platform.IMAGE, camera, "last_event_picture")
    event = await happen(camera)
    await happen(simulator.world.cameras[1])
    image = await image_component.async_get_image(hass, entity_id)
    check(image.content, event, camera)


async def test_after_a_failure_no_older_picture_is_shown(
    hass: HomeAssistant, happen: Happen, recorder: Recorder, camera: Item, poll: Poll
) -> None:
    """The previous picture would look like this one."""
    await happen(camera)
    await image_component.async_get_image(hass, SITE_IMAGE)
    await poll(11)
    await happen(camera)
    await recorder.stop()
    with pytest.raises(HomeAssistantError):
        await image_component.async_get_image(hass, SITE_IMAGE)


async def test_the_event_entity_shows_the_same_picture(
    hass: HomeAssistant,
    happen: Happen,
    enable: Enable,
    camera: Item,
    http_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """It uses the address of that entity, which is valid for as long."""
    await http_client()
    entity_id = await enable(Platform.IMAGE, camera, "last_event_picture")
    assert await async_setup_component(hass, "image", {})
    await happen(camera)
    event = await happen(camera)
    state = hass.states.get(EVENT)
    assert state is not None
    assert state.attributes["picture"].endswith(event.id)
    picture = state.attributes[ATTR_ENTITY_PICTURE]
    assert picture.startswith(f"/api/image_proxy/{entity_id}?token=")
    # The token changes every five minutes, without a write of the event entity.
    for minutes in range(5, 30, 5):
        later = dt_util.utcnow() + timedelta(minutes=minutes, seconds=5)
        async_fire_time_changed(hass, later)
        await hass.async_block_till_done(wait_background_tasks=True)
    unchanged = hass.states.get(EVENT)
    assert unchanged is not None
    assert unchanged.attributes[ATTR_ENTITY_PICTURE] == picture
    page = await hass_client_no_auth()
    answer = await page.get(picture)
    check(await answer.read(), event, camera, 10)
    newest = await happen(camera)
    state = hass.states.get(EVENT)
    assert state is not None
    assert state.attributes["event_id"] == newest.id
    assert state.attributes[ATTR_ENTITY_PICTURE] != picture


async def test_the_event_entity_has_no_picture_while_that_entity_is_disabled(
    hass: HomeAssistant, happen: Happen, camera: Item
) -> None:
    """A broken picture would be worse."""
    await happen(camera)
    state = hass.states.get(EVENT)
    assert state is not None
    assert ATTR_ENTITY_PICTURE not in state.attributes
    assert state.attributes["picture"]


async def test_the_event_entity_loses_its_picture_when_that_entity_is_disabled(
    hass: HomeAssistant,
    happen: Happen,
    enable: Enable,
    camera: Item,
    entity_registry: er.EntityRegistry,
) -> None:
    """Its address would not work then."""
    entity_id = await enable(Platform.IMAGE, camera, "last_event_picture")
    await happen(camera)
    state = hass.states.get(EVENT)
    assert state is not None
    assert ATTR_ENTITY_PICTURE in state.attributes
    entity_registry.async_update_entity(
        entity_id, disabled_by=er.RegistryEntryDisabler.USER
    )
    await hass.async_block_till_done()
    for _ in range(2):
        # At once: each page that asks for it would count as a wrong login.
        state = hass.states.get(EVENT)
        assert state is not None
        assert ATTR_ENTITY_PICTURE not in state.attributes
        await happen(camera)


async def test_the_event_entity_follows_a_new_id_of_that_entity(
    hass: HomeAssistant,
    happen: Happen,
    enable: Enable,
    camera: Item,
    entity_registry: er.EntityRegistry,
) -> None:
    """The address of the picture contains it."""
    entity_id = await enable(Platform.IMAGE, camera, "last_event_picture")
    event = await happen(camera)
    entity_registry.async_update_entity(entity_id, new_entity_id="image.front")
    entity_registry.async_update_entity(EVENT, new_entity_id="event.front")
    await hass.async_block_till_done()
    entity_registry.async_update_entity("image.front", new_entity_id="image.door")
    await hass.async_block_till_done()
    state = hass.states.get("event.front")
    assert state is not None
    assert state.attributes[ATTR_ENTITY_PICTURE].startswith(
        "/api/image_proxy/image.door"
    )
    assert state.attributes["event_id"] == event.id


async def test_the_picture_at_the_event_entity_is_valid_until_its_next_event(
    hass: HomeAssistant,
    happen: Happen,
    enable: Enable,
    camera: Item,
    http_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Many cameras have no event for hours, and pages show its picture meanwhile."""
    await http_client()
    await enable(Platform.IMAGE, camera, "last_event_picture")
    assert await async_setup_component(hass, "image", {})

    async def status_hours_later(hours: int) -> int:
        for minutes in range(5, hours * 60, 5):
            later = dt_util.utcnow() + timedelta(minutes=minutes, seconds=5)
            async_fire_time_changed(hass, later)
            await hass.async_block_till_done(wait_background_tasks=True)
        answer = await (await hass_client_no_auth()).get(picture)
        return answer.status

    await happen(camera)
    state = hass.states.get(EVENT)
    assert state is not None
    picture = state.attributes[ATTR_ENTITY_PICTURE]
    assert await status_hours_later(2) == HTTPStatus.OK
    await happen(camera)
    assert await status_hours_later(2) == HTTPStatus.FORBIDDEN


async def test_a_camera_entity_shows_the_live_picture(
    hass: HomeAssistant,
    enable: Enable,
    recorder: Recorder,
    camera: Item,
    simulator: Simulator,
) -> None:
    """A still for each request, at most every ten seconds."""
    entity_id = await enable(Platform.CAMERA, camera, "camera")
    for _ in range(4):
        await camera_component.async_get_image(hass, entity_id)
    picture = await camera_component.async_get_image(hass, entity_id)
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    check(picture.content, event, camera, 5)
    assert not recorder.ledger.calls
    tasks = [one for one in simulator.requests if one.query == "task=JpegGetLive"]
    assert len(tasks) == 1
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.attributes["supported_features"] == 0


async def test_a_camera_keeps_its_picture_only_after_too_many_requests(
    hass: HomeAssistant,
    enable: Enable,
    camera: Item,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An offline camera must not look online."""
    entity_id = await enable(Platform.CAMERA, camera, "camera")
    monkeypatch.setattr(pictures_module, "LIVE_FOR", 0)
    monkeypatch.setattr(pictures_module, "FAILURE_FOR", 0)
    picture = await camera_component.async_get_image(hass, entity_id)

    async def busy(*_: object) -> None:
        raise BusyError

    with monkeypatch.context() as patch:
        patch.setattr(pictures_module.Pictures, "live", busy)
        kept = await camera_component.async_get_image(hass, entity_id)
    assert kept.content == picture.content
    simulator.faults.enable("recorder_offline")
    with pytest.raises(HomeAssistantError):
        await camera_component.async_get_image(hass, entity_id)


async def test_an_unavailable_camera_has_no_live_picture(
    hass: HomeAssistant,
    enable: Enable,
    camera: Item,
    simulator: Simulator,
    poll: Poll,
) -> None:
    """A camera that is switched off must not look active."""
    entity_id = await enable(Platform.CAMERA, camera, "camera")
    simulator.world.disable(camera)
    await poll()
    await poll()
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.state == STATE_UNAVAILABLE


async def test_cameras_and_their_pictures_are_disabled_at_first(
    entity_registry: er.EntityRegistry, loaded: MockConfigEntry
) -> None:
    """Each camera entity is written to the database every five minutes."""
    entities = er.async_entries_for_config_entry(entity_registry, loaded.entry_id)
    disabled = {one.entity_id for one in entities if one.disabled_by}
    pictures = {one.entity_id for one in entities if one.domain in ("image", "camera")}
    assert pictures - disabled == {SITE_IMAGE}
    assert len(pictures) == 9


async def test_entities_go_when_pictures_are_turned_off(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    loaded: MockConfigEntry,
    happen: Happen,
    camera: Item,
) -> None:
    """Neither entities nor timers remain."""
    await happen(camera)
    hass.config_entries.async_update_entry(
        loaded, options={**loaded.options, "pictures": "off"}
    )
    await reload(hass, loaded)
    entities = er.async_entries_for_config_entry(entity_registry, loaded.entry_id)
    assert not {one.domain for one in entities} & {"image", "camera"}
    await happen(camera)
