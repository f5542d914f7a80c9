"""The address of an event's picture: access rights and errors."""

from datetime import timedelta
from http import HTTPStatus

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.xprotect_events.const import EVENT_LIVE
from custom_components.xprotect_events.engine import moment
from tests.integration.conftest import Poll
from tests.integration.entries import load
from tests.integration.pictures.conftest import Happen, check
from xprotect_simulator import Item, ManualClock, Simulator, event_ids
from xprotect_simulator.recorders.listeners import Recorder

UNKNOWN = "5b0b6f36-0ef2-4a7b-a08e-3f5f7b4c0a11"


async def test_the_address_on_the_bus_gives_the_picture_of_the_moment(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    happen: Happen,
    recorder: Recorder,
    camera: Item,
) -> None:
    """The address is enough for a notification; opening it fetches the picture."""
    fired = async_capture_events(hass, EVENT_LIVE)
    event = await happen(camera)
    assert not recorder.ledger.calls
    client = await http_client()
    answer = await client.get(fired[0].data["picture"])
    assert answer.status == HTTPStatus.OK
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Cache-Control"] == "private, max-age=86400"
    assert answer.headers["X-XProtect-Shows"] == "moment"
    check(await answer.read(), event, camera)


async def test_an_event_that_is_not_one_of_the_last_is_requested(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    simulator: Simulator,
    entry: MockConfigEntry,
    camera: Item,
    clock: ManualClock,
) -> None:
    """Events before a restart have pictures, too."""
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await clock.advance(timedelta(hours=1))
    await load(hass, entry)
    client = await http_client()
    path = f"/api/xprotect_events/picture/{entry.entry_id}/{event.id.upper()}"
    answer = await client.get(path)
    check(await answer.read(), event, camera)


async def test_a_live_picture_is_not_cached_and_is_marked(
    http_client: ClientSessionGenerator,
    happen: Happen,
    simulator: Simulator,
    camera: Item,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a recording it is used for an event of seconds ago."""
    monkeypatch.setattr(moment, "RETRY_UNTIL", timedelta())
    simulator.recorders.recordings.keep_only(camera.id)
    event = await happen(camera)
    client = await http_client()
    path = happen.path_of(event)
    answer = await client.get(path)
    assert answer.status == HTTPStatus.OK
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-XProtect-Shows"] == "now"


async def test_a_picture_needs_a_sign_in(
    happen: Happen,
    camera: Item,
    http_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """The address is not secret."""
    await http_client()
    event = await happen(camera)
    stranger = await hass_client_no_auth()
    path = happen.path_of(event)
    assert (await stranger.get(path)).status == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("may_see", [True, False])
async def test_users_without_access_to_the_camera_cannot_see_its_pictures(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    happen: Happen,
    loaded: MockConfigEntry,
    camera: Item,
    recorder: Recorder,
    hass_admin_user: MockUser,
    may_see: bool,
) -> None:
    """The rights on the camera's entity apply, even while it is disabled."""
    event = await happen(camera)
    registry = er.async_get(hass)
    (entity,) = (
        one
        for one in er.async_entries_for_config_entry(registry, loaded.entry_id)
        if one.domain == "camera" and camera.id in one.unique_id
    )
    hass_admin_user.groups = []
    allowed = {"entities": {"entity_ids": {entity.entity_id: {"read": may_see}}}}
    hass_admin_user.mock_policy(allowed)
    client = await http_client()
    path = happen.path_of(event)
    answer = await client.get(path)
    expected = HTTPStatus.OK if may_see else HTTPStatus.FORBIDDEN
    assert answer.status == expected
    assert len(recorder.ledger.calls) == int(may_see)


async def test_an_invalid_event_has_an_error(
    http_client: ClientSessionGenerator,
    happen: Happen,
    loaded: MockConfigEntry,
    simulator: Simulator,
) -> None:
    """Unknown events, other entries, invalid GUIDs, and events of other sources."""
    gate = await happen(
        simulator.world.items("inputEvents")[0], event_ids.INPUT_ACTIVATED
    )
    client = await http_client()
    root = "/api/xprotect_events/picture"
    for path, code in (
        (f"{root}/{loaded.entry_id}/{UNKNOWN}", "event_not_stored"),
        (f"{root}/{loaded.entry_id}/doorbell", "event_id_invalid"),
        (f"{root}/{loaded.entry_id}/{gate.id}", "picture_of_no_camera"),
        (f"{root}/another/{gate.id}", None),
    ):
        answer = await client.get(path)
        assert answer.status == HTTPStatus.NOT_FOUND
        assert (await answer.json()).get("code") == code


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("recorder_no_rights", 502, "picture_refused"),
        ("recorder_no_rights:empty", 404, "picture_not_there"),
        ("recorder_unsupported", 404, "picture_not_supported"),
        ("recorder_stale_token:count=9", 502, "picture_token_refused"),
        ("recorder_reset", 502, "picture_out_of_reach"),
        ("recorder_no_jpeg", 502, "picture_unreadable"),
        ("recorder_truncated", 502, "picture_unreadable"),
        ("recorder_huge", 502, "picture_unreadable"),
        ("recorder_html", 502, "picture_unreadable"),
        ("soap_login_forbidden", 502, "picture_refused"),
        ("gateway_missing:path=/managementserver/*", 404, "picture_not_supported"),
        ("reset:path=/managementserver/*", 502, "picture_out_of_reach"),
    ],
    ids=[
        "rights missing",
        "rights missing, no answer",
        "method unknown",
        "token refused",
        "connection reset",
        "no JPEG",
        "half a picture",
        "a huge picture",
        "HTML",
        "login refused",
        "no login service",
        "management server down",
    ],
)
async def test_each_problem_has_its_own_error(
    http_client: ClientSessionGenerator,
    happen: Happen,
    simulator: Simulator,
    camera: Item,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    status: int,
    code: str,
) -> None:
    """With advice."""
    monkeypatch.setattr(moment, "RETRY_UNTIL", timedelta())
    monkeypatch.setattr(moment, "LIVE_UNTIL", timedelta())
    event = await happen(camera)
    simulator.faults.enable(fault)
    client = await http_client()
    path = happen.path_of(event)
    answer = await client.get(path)
    body = await answer.json()
    assert (answer.status, body["code"]) == (status, code)
    assert len(body["message"]) > 40
    assert "TOKEN" not in body["message"]


async def test_a_recorder_that_is_down_has_an_error(
    http_client: ClientSessionGenerator,
    happen: Happen,
    recorder: Recorder,
    camera: Item,
) -> None:
    """With its port, which firewalls may block."""
    event = await happen(camera)
    await recorder.stop()
    client = await http_client()
    path = happen.path_of(event)
    answer = await client.get(path)
    body = await answer.json()
    assert (answer.status, body["code"]) == (502, "picture_out_of_reach")
    assert "7563" in body["message"]


async def test_a_gap_in_the_recording_shows_no_other_moment(
    http_client: ClientSessionGenerator,
    happen: Happen,
    simulator: Simulator,
    camera: Item,
    clock: ManualClock,
    poll: Poll,
) -> None:
    """The recorder offers the nearest one, minutes away."""
    now = clock.now()
    event = await happen(camera)
    simulator.recorders.recordings.keep_only(
        camera.id, (now - timedelta(hours=1), now - timedelta(minutes=1))
    )
    await poll(30)
    client = await http_client()
    path = happen.path_of(event)
    answer = await client.get(path)
    assert answer.status == HTTPStatus.NOT_FOUND
    assert (await answer.json())["code"] == "picture_not_recorded"


async def test_a_refused_password_of_a_viewer_opens_the_form(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    happen: Happen,
    simulator: Simulator,
    camera: Item,
) -> None:
    """As everywhere else; it is tried once."""
    event = await happen(camera)
    simulator.identity.set_password("another")
    simulator.identity.revoke_tokens()
    client = await http_client()
    path = happen.path_of(event)
    answer = await client.get(path)
    assert (await answer.json())["code"] == "authentication_failed"
    await hass.async_block_till_done()
    assert [
        flow["context"]["source"] for flow in hass.config_entries.flow.async_progress()
    ]


@pytest.mark.parametrize("entry_options", [{"delivery": "poll"}], ids=["off"])
async def test_while_pictures_are_off_there_are_none(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    happen: Happen,
    simulator: Simulator,
    recorder: Recorder,
    camera: Item,
) -> None:
    """No entity, no key, no request, and a clear error."""
    fired = async_capture_events(hass, EVENT_LIVE)
    event = await happen(camera)
    assert "picture" not in fired[0].data
    assert not hass.states.async_entity_ids("image")
    client = await http_client()
    path = happen.path_of(event)
    answer = await client.get(path)
    assert (await answer.json())["code"] == "pictures_off"
    assert not recorder.ledger.calls
    assert not [one for one in simulator.requests if "ManagementServer" in one.path]


async def test_an_event_of_a_deleted_camera_has_an_error(
    http_client: ClientSessionGenerator,
    happen: Happen,
    loaded: MockConfigEntry,
    simulator: Simulator,
    camera: Item,
) -> None:
    """Its recordings were deleted with it."""
    event = await happen(camera)
    simulator.world.remove(camera)
    await loaded.runtime_data.inventory.async_refresh()
    client = await http_client()
    path = happen.path_of(event)
    answer = await client.get(path)
    assert answer.status == HTTPStatus.NOT_FOUND
    assert (await answer.json())["code"] == "picture_camera_unknown"


async def test_an_event_that_cannot_be_read_has_an_error(
    http_client: ClientSessionGenerator,
    loaded: MockConfigEntry,
    simulator: Simulator,
) -> None:
    """It may have a picture as soon as the event server is back."""
    simulator.faults.enable("event_server_down")
    client = await http_client()
    path = f"/api/xprotect_events/picture/{loaded.entry_id}/{UNKNOWN}"
    answer = await client.get(path)
    assert (await answer.json())["code"] == "picture_out_of_reach"
