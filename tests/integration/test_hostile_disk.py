"""With any content of our files the site is set up."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
import math
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.storage import Store
from hypothesis import example, given, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.alarm_store import AlarmStore
from custom_components.xprotect_events.api import (
    AnalyticsEvent,
    Device,
    EffectivePermissions,
    EventType,
    Hardware,
    RecordingServer,
    Refusal,
    Resource,
    ServerClock,
    Site,
    StateGroup,
    UserDefinedEvent,
)
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.cursor_store import CursorStore
from custom_components.xprotect_events.engine.absence import Absences
from custom_components.xprotect_events.engine.catalog import Catalog
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.engine.event_keys import EventKeys
from custom_components.xprotect_events.engine.groups import DeviceGroup
from custom_components.xprotect_events.engine.inventory import SiteInventory
from custom_components.xprotect_events.engine.rights import Ability, Rights
from custom_components.xprotect_events.inventory_store import InventoryStore
from custom_components.xprotect_events.journal import Journal
from custom_components.xprotect_events.refusal_store import RefusalStore
from custom_components.xprotect_events.site_memory import SiteMemory
from tests.api.hostile import values, wrong
from tests.effort import tried

A_GUID = "e028f597-c64b-4f27-bb8d-08f5cd768e1c"
A_TIME = "2026-03-02T06:00:00+00:00"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SITE = SiteInventory(
    site=Site(id=A_GUID, name="Site", version="25.2"),
    recording_servers=(
        RecordingServer(
            id=A_GUID,
            name="R",
            enabled=True,
            site_id=A_GUID,
            version="25.2",
            addresses=("http://r:7563/",),
        ),
    ),
    hardware=(
        Hardware(id=A_GUID, name="M", enabled=True, model=None, web_address="h"),
    ),
    devices=(
        Device(
            resource=Resource.CAMERAS,
            id=A_GUID,
            name="Gate",
            enabled=True,
            hardware_id=A_GUID,
        ),
    ),
    event_types=(
        EventType(
            id=A_GUID,
            name="Motion",
            source_types=("cameras",),
            state_group_id=A_GUID,
            state="On",
            generator_type=None,
            generator_subtype=None,
        ),
    ),
    state_groups=(StateGroup(id=A_GUID, name="Motion", states=("On", "Off")),),
    user_defined_events=(UserDefinedEvent(id=A_GUID, name="U", is_system=False),),
    analytics_events=(AnalyticsEvent(id=A_GUID, name="Plate"),),
    unreadable=frozenset({"hardware"}),
    groups=(DeviceGroup(id=A_GUID, kind="cameraGroups", name="G", path="G"),),
    rights=Rights(
        is_administrator=False,
        granted=frozenset({next(iter(Ability))}),
        cameras=EffectivePermissions(is_administrator=False, masks={A_GUID: 1}),
    ),
)
SITE_FILE = {
    "absent_seconds": {f"cameras/{A_GUID}": 60.0},
    "event_types": {A_GUID: ["Gate open", "Gate open"]},
    "renames": [["Gate", "Door"]],
}
POSITION = {
    "cursor": A_TIME,
    "horizon": A_TIME,
    "complete_at": A_TIME,
    "complete_here": A_TIME,
    "journal": 1,
    "remembered": {A_GUID: A_TIME},
}
ALARMS = {"since": A_TIME, "open": [A_GUID], "number": 7}
LINE = {
    "number": 1,
    "cursor": 1,
    "horizon": 1,
    "complete_at": 1,
    "here": 1,
    "new": {A_GUID: 1},
}


def load[T](
    hass: HomeAssistant, data: object, read: Callable[[], Coroutine[Any, Any, T]]
) -> T:
    """Return the result of reading a file."""

    async def stored(_: object) -> object:
        return json.loads(json.dumps(data))

    async def discard(*_: object) -> None:
        """Write nothing."""

    with (
        patch.object(Store, "async_load", stored),
        patch.object(Store, "async_save", discard),
    ):
        return hass.loop.run_until_complete(read())


def on_disk(hass: HomeAssistant, inventory: SiteInventory) -> object:
    """Return the stored form of an inventory."""
    written: list[object] = []

    async def note(_: object, data: object) -> None:
        written.append(data)

    with patch.object(Store, "async_save", note):
        hass.loop.run_until_complete(InventoryStore(hass, "x").save(inventory))
    return json.loads(json_bytes(written[0]))


@tried(100, shares_fixtures=True)
@given(data=st.data())
def test_lists_that_are_wrong_are_read_again(
    hass: HomeAssistant, data: st.DataObject
) -> None:
    """Lists of the last run are used only if they are valid."""
    document = data.draw(values | wrong(on_disk(hass, SITE)))
    store = InventoryStore(hass, "x")
    inventory = load(hass, document, lambda: store.load(A_GUID))
    if inventory is None:
        return
    Catalog(inventory, frozenset(), EventKeys())
    Absences().recall(inventory)
    for source in inventory.source_names:
        inventory.has(source)
    assert inventory.counts is not None
    assert on_disk(hass, replace(inventory)) is not None


@tried(100, shares_fixtures=True)
@given(document=values | wrong(SITE_FILE))
def test_invalid_facts_about_a_site_are_forgotten(
    hass: HomeAssistant, document: object
) -> None:
    """Names of events are assigned again, and absences are counted again."""
    memory = SiteMemory(hass, "x")
    load(hass, document, memory.load)
    memory.absences.follow(SITE, NOON)
    memory.keys.assign([(A_GUID, "Gate open")])
    memory.forget_gone(SITE)


@tried(100, shares_fixtures=True)
@given(document=values | wrong({"refusal": "invalid", "is_repeated": True}))
def test_an_unreadable_refusal_counts_as_one(
    hass: HomeAssistant, document: object
) -> None:
    """A further attempt might lock the account."""
    found = load(hass, document, RefusalStore(hass, "x").load)
    assert found in Refusal if document is not None else found is None


@tried(100, shares_fixtures=True)
@given(document=values | wrong(POSITION))
@example(document={**POSITION, "journal": None})
def test_an_invalid_position_is_read_or_ignored(
    hass: HomeAssistant, document: object
) -> None:
    """Events are then read as far back as the option allows."""
    entry = MockConfigEntry(domain=DOMAIN)
    store = CursorStore(hass, "x")
    feed = load(hass, document, lambda: store.load_feed(entry, ServerClock()))
    assert feed.window_start <= feed.cursor
    assert feed.checkpoint() is not None


@tried(100, shares_fixtures=True)
@given(document=values | wrong(ALARMS))
@example(document={**ALARMS, "number": math.inf})
def test_stored_facts_about_alarms_are_read_or_forgotten(
    hass: HomeAssistant, document: object
) -> None:
    """Without the file, open alarms are read again, and none is delivered as new."""
    store = AlarmStore(hass, "x")
    memory = load(hass, document, store._load_memory)
    if memory is not None:
        assert memory.since - timedelta(days=1) < memory.since
        assert type(memory.number) in {int, type(None)}
        assert all(type(one) is str for one in memory.open_ids)


@tried(100)
@given(data=st.lists(values | wrong(LINE), max_size=3))
def test_an_invalid_line_of_the_journal_is_ignored(
    tmp_path_factory: pytest.TempPathFactory, data: list[object]
) -> None:
    """Later lines are used."""
    path = Path(tmp_path_factory.getbasetemp()) / "hostile journal"
    path.write_text("\n".join(map(json.dumps, data)), encoding="ascii")
    journal = Journal(path=path)
    found = journal.applied_to(Checkpoint.beginning(NOON), 0)
    assert found.cursor.tzinfo is UTC
    journal.append(found)
