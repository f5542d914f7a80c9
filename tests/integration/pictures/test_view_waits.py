"""Requests of pictures that wait: for their turn, or for a reload of the entry."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.xprotect_events import picture_view
from custom_components.xprotect_events.engine.pictures import Pictures
from custom_components.xprotect_events.engine.shot import BusyError, Shot
from tests.integration.entries import load
from tests.integration.pictures.conftest import Happen, check
from xprotect_simulator import Item, ManualClock


async def test_a_picture_waits_for_its_turn(
    http_client: ClientSessionGenerator,
    happen: Happen,
    camera: Item,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A day in the media browser has more pictures than may be requested at once."""
    monkeypatch.setattr(picture_view, "TURN_PAUSE", 0)
    monkeypatch.setattr(picture_view, "TURN_PATIENCE", 3)
    event = await happen(camera)
    fetch, attempts = Pictures.of_event, []

    async def in_turn(pictures: Pictures, camera_id: str, time: datetime) -> Shot:
        attempts.append(camera_id)
        if len(attempts) % 4 in {1, 2}:
            raise BusyError
        return await fetch(pictures, camera_id, time)

    monkeypatch.setattr(Pictures, "of_event", in_turn)
    client = await http_client()
    path = happen.path_of(event)
    answer = await client.get(path)
    check(await answer.read(), event, camera)
    assert len(attempts) == 3
    monkeypatch.setattr(picture_view, "TURN_PATIENCE", 1)
    attempts.clear()
    answer = await client.get(path)
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE


async def test_a_request_during_a_reload_is_answered(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    happen: Happen,
    loaded: MockConfigEntry,
    camera: Item,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The current request ends with the entry, and a later one succeeds."""
    monkeypatch.setattr(picture_view, "TURN_PAUSE", 0)
    event = await happen(camera)
    happen.simulator.faults.enable("recorder_slow:60:count=1")
    client = await http_client()
    path = happen.path_of(event)
    looking = asyncio.create_task(client.get(path))
    await clock.until_asleep()
    await hass.config_entries.async_unload(loaded.entry_id)
    answer = await looking
    assert (await answer.json())["code"] == "pictures_off"
    await clock.advance(60)
    await load(hass, loaded)
    answer = await client.get(path)
    check(await answer.read(), event, camera)


async def test_a_request_waits_for_the_end_of_a_reload(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    happen: Happen,
    loaded: MockConfigEntry,
    camera: Item,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A notification would show no picture otherwise, and is not asked for again."""
    monkeypatch.setattr(picture_view, "TURN_PAUSE", 0.01)
    monkeypatch.setattr(picture_view, "TURN_PATIENCE", 1_000)
    event = await happen(camera)
    client = await http_client()
    may_go_on, is_asking = asyncio.Event(), asyncio.Event()
    unload = hass.config_entries.async_unload_platforms

    async def unload_slowly(
        entry: ConfigEntry, platforms: Iterable[Platform | str]
    ) -> bool:
        is_asking.set()
        await may_go_on.wait()
        return await unload(entry, platforms)

    monkeypatch.setattr(hass.config_entries, "async_unload_platforms", unload_slowly)
    reloading = hass.async_create_task(
        hass.config_entries.async_reload(loaded.entry_id)
    )
    await is_asking.wait()
    looking = asyncio.create_task(client.get(happen.path_of(event)))
    await asyncio.sleep(0)
    may_go_on.set()
    answer = await looking
    assert answer.status == HTTPStatus.OK
    check(await answer.read(), event, camera)
    assert await reloading
