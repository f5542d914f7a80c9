"""The entry is unloaded or removed while something waits for the server."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import (
    MediaSourceItem,
    Unresolvable,
    async_browse_media,
    async_resolve_media,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.xprotect_events.api import PermissionDeniedError
from custom_components.xprotect_events.camera import XProtectCamera
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.issues import async_get_issues
from custom_components.xprotect_events.media_source import async_get_media_source
from tests.integration.conftest import A_MORNING
from xprotect_simulator import (
    Item,
    ManualClock,
    Options,
    Simulator,
    StoredEvent,
    event_ids,
)

EVENTS = "/api/rest/v1/events*"
OLD = A_MORNING.replace(hour=1)

type Leave = Callable[..., Awaitable[Any]]


@pytest.fixture
def simulator_options() -> Options:
    """Return a site with recorders."""
    return Options(cameras=2, recorders=1, recorder_port=0, scenario="quiet")


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Turn pictures on."""
    return {"delivery": "poll", "pictures": "recorders"}


@pytest.fixture
def event(simulator: Simulator) -> StoredEvent:
    """Return an event from before the start, which must be requested."""
    camera = simulator.world.cameras[0]
    return simulator.world.emit(event_ids.MOTION_STARTED, camera, time=OLD)


@pytest.fixture(params=["unload", "remove"])
def leave(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    clock: ManualClock,
) -> Leave:
    """Return a function that ends the entry while a request waits for its answer."""

    async def end_meanwhile(
        work: Awaitable[Any], *, then: Callable[[], None] = lambda: None
    ) -> object:
        simulator.faults.enable(f"slow:5:path={EVENTS}:count=1")
        waiting = hass.async_create_task(_outcome(work))
        await clock.until_asleep()
        end = getattr(hass.config_entries, f"async_{request.param}")
        await end(loaded.entry_id)
        then()
        await clock.advance(6)
        return await waiting

    return end_meanwhile


async def _outcome(work: Awaitable[Any]) -> object:
    """Return what the caller gets: a result, or an error with a text."""
    try:
        return await work
    except (HomeAssistantError, BrowseError, Unresolvable) as err:
        # Callers only get the text, which must not be that of a missing attribute.
        return type(err) if str(err) else None


async def _call(hass: HomeAssistant, action: str, **data: object) -> dict[str, Any]:
    response = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )
    assert response is not None
    return dict(response)


async def test_events_that_were_asked_for_are_returned_all_the_same(
    hass: HomeAssistant, leave: Leave, event: StoredEvent
) -> None:
    """They were read while the entry was loaded."""
    found = await leave(_call(hass, "get_events"))
    assert [one["event_id"] for one in found["events"]] == [event.id]


async def test_an_event_that_was_asked_for_is_returned_all_the_same(
    hass: HomeAssistant, leave: Leave, event: StoredEvent
) -> None:
    """It was read while the entry was loaded."""
    found = await leave(_call(hass, "get_event", event_id=event.id))
    assert found["event"]["event_id"] == event.id
    assert found["event"]["picture"]


async def test_actions_of_pictures_end_with_an_error(
    hass: HomeAssistant, leave: Leave, event: StoredEvent
) -> None:
    """There is no picture without its entry."""
    await async_setup_component(hass, "http", {})
    outcome = await leave(_call(hass, "get_event_picture", event_id=event.id))
    assert issubclass(outcome, HomeAssistantError)


async def test_the_address_of_a_picture_answers(
    hass_client: ClientSessionGenerator,
    leave: Leave,
    event: StoredEvent,
    loaded: MockConfigEntry,
) -> None:
    """With the reason, and not with an error of Home Assistant."""
    client = await hass_client()
    path = f"/api/{DOMAIN}/picture/{loaded.entry_id}/{event.id}"
    answer = await leave(client.get(path))
    assert answer.status == HTTPStatus.NOT_FOUND
    assert (await answer.json())["code"] == "pictures_off"


@pytest.mark.parametrize("place", ["camera", "day", "event", "resolve", "image"])
async def test_the_media_browser_answers(
    hass: HomeAssistant,
    leave: Leave,
    simulator: Simulator,
    event: StoredEvent,
    loaded: MockConfigEntry,
    place: str,
) -> None:
    """With what was found, or with a sentence."""
    assert await async_setup_component(hass, "media_source", {})
    camera = simulator.world.cameras[0].id
    root = f"media-source://{DOMAIN}/{loaded.entry_id}"
    item = MediaSourceItem(hass, DOMAIN, f"{loaded.entry_id}/event/{event.id}", None)
    source = await async_get_media_source(hass)
    day = f"{event.time:%Y-%m-%d}"
    work: dict[str, Callable[[], Awaitable[Any]]] = {
        "camera": lambda: async_browse_media(hass, f"{root}/{camera}"),
        "day": lambda: async_browse_media(hass, f"{root}/{camera}/{day}"),
        "event": lambda: async_browse_media(hass, f"{root}/event/{event.id}"),
        "resolve": lambda: async_resolve_media(hass, f"{root}/event/{event.id}", None),
        "image": lambda: source.async_get_media_image(item),
    }
    outcome = await leave(work[place]())
    if isinstance(outcome, type):
        assert issubclass(outcome, BrowseError | Unresolvable)
    else:
        assert outcome.children


async def test_a_password_that_is_refused_too_late_is_not_asked_for(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    leave: Leave,
    simulator: Simulator,
    loaded: MockConfigEntry,
) -> None:
    """The next set-up asks for it, and an entry that is gone has none."""

    def change_password() -> None:
        simulator.identity.set_password("another")
        simulator.identity.revoke_tokens()

    outcome = await leave(_call(hass, "get_events"), then=change_password)
    assert issubclass(outcome, HomeAssistantError)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not hass.config_entries.flow.async_progress()
    is_removed = hass.config_entries.async_get_entry(loaded.entry_id) is None
    left = [one for one in hass_storage if loaded.entry_id in one]
    assert not (is_removed and left)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_page_that_stays_open_gets_no_more_pictures(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    loaded: MockConfigEntry,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its stream ends with the entry, and the page asks for a new one."""
    monkeypatch.setattr(XProtectCamera, "_attr_frame_interval", 0.01)
    camera = simulator.world.cameras[0]
    client = await hass_client()
    page = await client.get(f"/api/camera_proxy_stream/{_camera_of(hass, camera)}")
    assert await page.content.readany()
    await hass.config_entries.async_unload(loaded.entry_id)
    async with asyncio.timeout(10):
        await page.content.read()


async def test_a_late_answer_leaves_no_repair_behind(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """Nothing would delete a repair of an entry that is gone."""
    issues = async_get_issues(hass, loaded)
    await hass.config_entries.async_remove(loaded.entry_id)
    issues.judge_recorders(["RECORDER-01"])
    issues.judge_connection(PermissionDeniedError("Permission denied", status=403))
    assert not ir.async_get(hass).issues


def _camera_of(hass: HomeAssistant, camera: Item) -> str:
    (found,) = (
        one.entity_id
        for one in er.async_get(hass).entities.values()
        if one.domain == "camera" and camera.id in one.unique_id
    )
    return found
