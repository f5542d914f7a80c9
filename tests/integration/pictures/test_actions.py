"""The actions for pictures: a link, and saving a file."""

from datetime import timedelta
import os
from pathlib import Path
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers.network import NoURLAvailableError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.xprotect_events import service_picture
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.engine import moment
from tests.integration.conftest import DeviceOf
from tests.integration.pictures.conftest import Happen, check
from xprotect_simulator import Item, Simulator
from xprotect_simulator.recorders.listeners import Recorder


class Call:
    """Calls the actions for the loaded entry."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self._entry = entry

    async def __call__(
        self, action: str, *, context: Context | None = None, **data: object
    ) -> dict[str, Any]:
        """Return the response."""
        response = await self._hass.services.async_call(
            DOMAIN,
            action,
            {"config_entry_id": self._entry.entry_id, **data},
            blocking=True,
            return_response=True,
            context=context,
        )
        assert isinstance(response, dict)
        return dict(response)


@pytest.fixture
def call(hass: HomeAssistant, loaded: MockConfigEntry) -> Call:
    """Return an object that calls the actions."""
    return Call(hass, loaded)


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return a folder that Home Assistant may write to."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    return tmp_path


async def test_the_link_works_without_signing_in_and_nothing_is_fetched_before(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    call: Call,
    happen: Happen,
    recorder: Recorder,
    camera: Item,
    device_of: DeviceOf,
) -> None:
    """Messengers fetch the picture themselves, without signing in."""
    await http_client()
    await async_process_ha_core_config(
        hass, {"external_url": "https://home.example.com"}
    )
    event = await happen(camera)
    answer = await call("get_event_picture", event_id=event.id, hours=2)
    assert not recorder.ledger.calls
    assert answer["path"].endswith(f"/{event.id}")
    assert answer["device_id"] == device_of(camera).id
    assert answer["time"] == event.time.isoformat().replace("+00:00", "Z")
    root = "https://home.example.com"
    assert answer["signed_path"].startswith(answer["path"] + "?authSig=")
    assert answer["url"] == root + answer["signed_path"]
    stranger = await hass_client_no_auth()
    picture = await stranger.get(answer["url"].removeprefix(root))
    check(await picture.read(), event, camera)


async def test_without_an_address_of_home_assistant_there_is_only_the_path(
    http_client: ClientSessionGenerator,
    call: Call,
    happen: Happen,
    camera: Item,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is enough for the apps, which know the address of Home Assistant."""
    await http_client()

    def nowhere(*_: object, **__: object) -> str:
        raise NoURLAvailableError

    monkeypatch.setattr(service_picture, "get_url", nowhere)
    event = await happen(camera)
    answer = await call("get_event_picture", event_id=event.id)
    assert answer["url"] is None
    assert answer["path"]


async def test_a_picture_is_saved_into_an_allowed_folder(
    call: Call, happen: Happen, camera: Item, folder: Path
) -> None:
    """Missing folders are created."""
    event = await happen(camera)
    file = folder / "front door" / "now.jpg"
    answer = await call("save_event_picture", event_id=event.id, filename=str(file))
    check(file.read_bytes(), event, camera)
    assert answer["filename"] == str(file)
    assert answer["is_live"] is False


@pytest.mark.parametrize(
    "filename", ["/etc/passwd", "picture.jpg", "../picture.jpg", "{folder}/\0.jpg"]
)
async def test_nothing_is_written_elsewhere(
    call: Call,
    happen: Happen,
    recorder: Recorder,
    camera: Item,
    folder: Path,
    filename: str,
) -> None:
    """Nothing is fetched, either."""
    event = await happen(camera)
    with pytest.raises(ServiceValidationError) as raised:
        await call(
            "save_event_picture",
            event_id=event.id,
            filename=filename.format(folder=folder),
        )
    assert raised.value.translation_key == "picture_path_not_allowed"
    assert not recorder.ledger.calls
    assert not os.listdir(folder)  # noqa: PTH208 - the alternative is blocking


async def test_a_file_that_cannot_be_written_is_an_error(
    call: Call, happen: Happen, camera: Item, folder: Path
) -> None:
    """With the reason from the file system."""
    event = await happen(camera)
    with pytest.raises(HomeAssistantError) as raised:
        await call("save_event_picture", event_id=event.id, filename=str(folder))
    assert raised.value.translation_key == "picture_not_saved"


async def test_a_missing_picture_is_an_error(
    call: Call,
    happen: Happen,
    simulator: Simulator,
    camera: Item,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is saved then."""
    monkeypatch.setattr(moment, "RETRY_UNTIL", timedelta())
    monkeypatch.setattr(moment, "LIVE_UNTIL", timedelta())
    event = await happen(camera)
    simulator.faults.enable("recorder_no_rights")
    file = folder / "a.jpg"
    with pytest.raises(HomeAssistantError) as raised:
        await call("save_event_picture", event_id=event.id, filename=str(file))
    assert raised.value.translation_key == "picture_refused"
    assert not file.exists()


@pytest.mark.parametrize("action", ["get_event_picture", "save_event_picture"])
async def test_a_user_without_right_to_the_camera_gets_neither(
    call: Call,
    happen: Happen,
    recorder: Recorder,
    camera: Item,
    folder: Path,
    hass_read_only_user: MockUser,
    action: str,
) -> None:
    """A link would bypass the rights."""
    event = await happen(camera)
    hass_read_only_user.groups = []
    hass_read_only_user.mock_policy({"entities": {"entity_ids": {}}})
    data = {"filename": str(folder / "a.jpg")} if action.startswith("save") else {}
    with pytest.raises(Unauthorized):
        await call(
            action,
            context=Context(user_id=hass_read_only_user.id),
            event_id=event.id,
            **data,
        )
    assert not recorder.ledger.calls


@pytest.mark.parametrize("action", ["get_event_picture", "save_event_picture"])
async def test_a_user_who_was_deleted_meanwhile_gets_neither(
    call: Call, happen: Happen, camera: Item, folder: Path, action: str
) -> None:
    """A script goes on after its user was deleted, and must not gain rights by that."""
    event = await happen(camera)
    file = folder / "a.jpg"
    data = {"filename": str(file)} if action.startswith("save") else {}
    with pytest.raises(UnknownUser):
        await call(
            action, context=Context(user_id="deleted"), event_id=event.id, **data
        )
    assert not file.exists()


async def test_an_event_without_camera_has_no_link(
    call: Call, happen: Happen, simulator: Simulator
) -> None:
    """The action fails at once, instead of the link when it is opened."""
    gate = await happen(simulator.world.items("inputEvents")[0])
    with pytest.raises(HomeAssistantError) as raised:
        await call("get_event_picture", event_id=gate.id)
    assert raised.value.translation_key == "picture_of_no_camera"
