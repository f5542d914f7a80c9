"""The blueprints as files: Home Assistant imports, stores and offers them."""

from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock

from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint import Blueprint
from homeassistant.components.blueprint.importer import fetch_blueprint_from_url
from homeassistant.core import HomeAssistant
from homeassistant.helpers import aiohttp_client
from homeassistant.helpers.selector import Selector, selector
from homeassistant.setup import async_setup_component
import probatio as vol
import pytest

from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.engine.event_names import EVENT_TYPE_NAMES
from tests.architecture.sources import ROOT

FOLDER = ROOT / "blueprints" / AUTOMATION / DOMAIN
NAMES = sorted(path.name for path in FOLDER.iterdir())
PROJECT = "xprotect-events/xprotect_events"
FLOOR = json.loads((ROOT / "hacs.json").read_text())["homeassistant"]


async def loaded(hass: HomeAssistant, name: str) -> Blueprint:
    """Return a blueprint as loaded by Home Assistant."""
    return await async_get_blueprints(hass).async_get_blueprint(f"{DOMAIN}/{name}")


def selectors(blueprint: Blueprint) -> Iterator[tuple[str, Selector[Any]]]:
    """Yield the selector of each input."""
    for key, described in blueprint.inputs.items():
        yield key, selector(described["selector"])


def test_there_are_the_four_documented_blueprints() -> None:
    """Any other file in the folder would be offered, too."""
    assert NAMES == [
        "connection_lost.yaml",
        "event_notification.yaml",
        "motion_light.yaml",
        "trigger_event.yaml",
    ]


@pytest.mark.parametrize("name", NAMES)
async def test_a_blueprint_says_what_it_is_for_and_where_it_comes_from(
    hass: HomeAssistant, name: str
) -> None:
    """Home Assistant fetches newer versions from that address."""
    blueprint = await loaded(hass, name)
    about = blueprint.metadata
    assert about["name"].startswith("XProtect - ")
    assert about["description"]
    assert about["homeassistant"]["min_version"] == FLOOR
    path = (FOLDER / name).relative_to(ROOT)
    assert about["source_url"] == f"https://github.com/{PROJECT}/blob/main/{path}"
    assert blueprint.validate() is None


@pytest.mark.parametrize("name", NAMES)
async def test_a_blueprint_can_be_imported_and_is_the_same_afterwards(
    hass: HomeAssistant, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users import it by a button that contains the address."""
    original = await loaded(hass, name)
    address = original.metadata["source_url"]
    raw = address.replace("github.com", "raw.githubusercontent.com")
    answer = Mock(text=AsyncMock(return_value=(FOLDER / name).read_text()))
    session = Mock(get=AsyncMock(return_value=answer))
    monkeypatch.setattr(aiohttp_client, "async_get_clientsession", lambda _: session)
    imported = await fetch_blueprint_from_url(hass, address)
    assert str(session.get.call_args.args[0]) == raw.replace("/blob/", "/")
    assert (
        imported.suggested_filename == f"xprotect-events/{name.removesuffix('.yaml')}"
    )

    imported.blueprint.update_metadata(source_url=address)
    kept = tmp_path / "kept"
    hass.config.config_dir = str(kept)
    store = async_get_blueprints(hass)
    await store.async_add_blueprint(imported.blueprint, name)
    await store.async_reset_cache()
    assert (await store.async_get_blueprint(name)).data == original.data


@pytest.mark.parametrize("name", NAMES)
async def test_every_input_has_a_name_and_a_way_to_choose(
    hass: HomeAssistant, name: str
) -> None:
    """Without a selector, users would have to write YAML."""
    blueprint = await loaded(hass, name)
    assert all(described["name"] for described in blueprint.inputs.values())
    assert {key for key, _ in selectors(blueprint)} == set(blueprint.inputs)
    for key, chosen in selectors(blueprint):
        default = blueprint.inputs[key].get("default")
        if default is not None and (key, default) != ("illuminance_sensor", ""):
            assert vol.Schema(chosen)(default) == default, key


@pytest.mark.parametrize("name", NAMES)
async def test_devices_and_sites_to_choose_are_those_of_xprotect(
    hass: HomeAssistant, name: str
) -> None:
    """A camera is hard to find in a list of all devices."""
    for key, chosen in selectors(await loaded(hass, name)):
        match chosen.selector_type:
            case "device":
                assert chosen.config["filter"] == [{"integration": DOMAIN}], key
            case "config_entry":
                assert chosen.config["integration"] == DOMAIN
            case "entity" if key in {"motion_sensors", "sensors"}:
                (only,) = chosen.config["filter"]
                assert only["integration"] == DOMAIN
            case "target":
                # Home Assistant no longer accepts a device filter here.
                assert set(chosen.config) == {"entity"}


async def test_the_types_to_choose_are_those_of_xprotect(hass: HomeAssistant) -> None:
    """A wrong GUID would cause a notification that never arrives."""
    inputs = (await loaded(hass, "event_notification.yaml")).inputs
    options = inputs["event_types"]["selector"]["select"]["options"]
    assert len(options) > 20
    for option in options:
        assert EVENT_TYPE_NAMES[option["value"]] == option["label"]


@pytest.mark.parametrize("name", NAMES)
async def test_a_required_input_has_no_default(
    hass: HomeAssistant, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong default would be worse than a required field."""
    use = {"path": f"{DOMAIN}/{name}", "input": {}}
    config = {AUTOMATION: {"alias": "Made", "use_blueprint": use}}
    await async_setup_component(hass, AUTOMATION, config)
    assert "Missing input" in caplog.text
