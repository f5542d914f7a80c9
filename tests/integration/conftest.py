"""A simulated XProtect server, and the integration set up against it."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
import functools
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import PropertyMock, patch

from homeassistant.const import (
    Platform,
)
from homeassistant.core import Event, HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.xprotect_events import (
    client_factory,
    config_flow,
    cursor_store,
    poll_attempts,
)
from custom_components.xprotect_events.api import (
    XProtectClient,
)
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.engine import reading_pace
from custom_components.xprotect_events.journal import Journal
from tests.integration import shown_texts
from tests.integration.entries import load
from xprotect_simulator import (
    Item,
    ManualClock,
    Options,
    Simulator,
)

# Far from Home Assistant's own clock, which nothing may rely on. Half a second past a
# full one, because the server sends whole seconds: later events are new for a client
# that connects now.
A_MORNING = datetime(2026, 3, 2, 6, 0, 0, 500_000, tzinfo=UTC)

# Seconds; longer than the poll interval, including the coordinator's delay.
A_POLL = 3.0
# Seconds; longer than any wait between two polls.
A_WHILE = 61.0

what_is_shown_has_its_text = shown_texts.what_is_shown_has_its_text

type DeviceOf = Callable[[Item], dr.DeviceEntry]
type StateOf = Callable[[Item, str], str]


class Poll(Protocol):
    """Advances the time of both sides, and waits for everything that is due by then."""

    async def __call__(self, seconds: float = A_POLL) -> None:
        """Return when no task is running any more."""


@pytest.fixture(autouse=True)
def journals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the journals of positions in the test's folder."""

    def journal(*, path: Path) -> Journal:
        return Journal(path=tmp_path / path.name)

    monkeypatch.setattr(cursor_store, "Journal", journal)


@pytest.fixture(autouse=True)
def readings_need_no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the lists at each change; otherwise changes would be throttled."""
    monkeypatch.setattr(reading_pace, "FIRST_PAUSE", 0.0)


@pytest.fixture(autouse=True)
def second_try_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll again at once after a failure, without the second in between."""
    monkeypatch.setattr(poll_attempts, "SECOND_TRY_AFTER", 0.0)


@pytest.fixture(autouse=True)
def forms_wait_for_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never show the progress of reading, however slow the machine is."""
    monkeypatch.setattr(config_flow, "SHOWS_PROGRESS_AFTER", 60.0)


@pytest.fixture
def clock() -> ManualClock:
    """Return the server's clock, which stands still until a test advances it."""
    return ManualClock(A_MORNING)


@pytest.fixture
def one_clock(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Advance the client's time with that of the server.

    Otherwise the server's clock would seem to be set whenever a test advances it, and
    set back while a test waits for a slow machine.
    """
    client = functools.partial(XProtectClient, monotonic=clock.monotonic)
    monkeypatch.setattr(client_factory, "XProtectClient", client)


@pytest.fixture
def simulator_options() -> Options:
    """Return the options of the server; a test that needs others parametrises them."""
    return Options(scenario="quiet")


@pytest.fixture
async def simulator(
    hass: HomeAssistant,
    simulator_options: Options,
    clock: ManualClock,
    one_clock: None,  # noqa: ARG001 - a fixture for what it does
) -> AsyncIterator[Simulator]:
    """Serve a quiet site of six cameras, without events of its own."""
    async with Simulator(simulator_options, clock=clock) as running:
        yield running
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Return the entry's options; a test that needs others parametrises them.

    By default only polls: a stream never ends, so tests could not wait for it.
    """
    return {"delivery": "poll"}


@pytest.fixture
def entry(
    hass: HomeAssistant, simulator: Simulator, entry_options: dict[str, object]
) -> MockConfigEntry:
    """Return a config entry of the simulated site that is not set up yet."""
    described = MockConfigEntry(
        domain=DOMAIN,
        title=simulator.world.site.name,
        unique_id=simulator.world.site.id,
        data={
            "url": simulator.url,
            "authentication": "basic",
            "username": "demo",
            "password": "demo",
            "verify_ssl": True,
        },
        options=entry_options,
    )
    described.add_to_hass(hass)
    return described


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Set the integration up; the first poll is over."""
    await load(hass, entry)
    return entry


@pytest.fixture
def poll(hass: HomeAssistant, clock: ManualClock) -> Poll:
    """Return a function that lets the poll interval pass and the poll finish."""

    async def let_it_poll(seconds: float = A_POLL) -> None:
        await clock.advance(seconds)
        # On a slow machine a poll may be due by itself just now, and would be the only
        # one, although it may have read too early.
        await hass.async_block_till_done(wait_background_tasks=True)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
        await hass.async_block_till_done(wait_background_tasks=True)

    return let_it_poll


@pytest.fixture
def device_of(
    device_registry: dr.DeviceRegistry, simulator: Simulator, entry: MockConfigEntry
) -> DeviceOf:
    """Return a function that finds the device of an item."""

    def find(item: Item) -> dr.DeviceEntry:
        site = simulator.world.site
        identifier = site.id if item.id == site.id else f"{site.id}_{item.id}"
        device = device_registry.async_get_device_by_identifier(
            (DOMAIN, identifier), entry.entry_id
        )
        assert device is not None
        return device

    return find


@pytest.fixture
def entity_registry_enabled_by_default() -> Iterator[None]:
    """Enable all entities that are created from now on, as a user could by hand."""
    enabled = PropertyMock(return_value=True)
    with patch.object(Entity, "entity_registry_enabled_default", enabled):
        yield


@pytest.fixture
def binary_state(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    device_of: DeviceOf,
) -> StateOf:
    """Return a function that reads a binary sensor of an item."""

    def read(item: Item, key: str) -> str:
        ((_, identifier),) = device_of(item).identifiers
        entity_id = entity_registry.async_get_entity_id(
            Platform.BINARY_SENSOR, DOMAIN, f"{identifier}_{key}"
        )
        state = hass.states.get(entity_id) if entity_id else None
        return state.state if state else f"no {key}"

    return read


type Payloads = list[dict[str, Any]]


def payloads(captured: list[Event[dict[str, Any]]]) -> Payloads:
    """Return the data of the events on the bus."""
    return [dict(event.data) for event in captured]


@pytest.fixture
def shown_events(
    hass: HomeAssistant, entity_registry: er.EntityRegistry, device_of: DeviceOf
) -> ShownEvents:
    """Return a reader of the event entities."""
    return ShownEvents(hass, entity_registry, device_of)


class ShownEvents:
    """Reads event entities by their items."""

    def __init__(
        self,
        hass: HomeAssistant,
        entity_registry: er.EntityRegistry,
        device_of: DeviceOf,
    ) -> None:
        self._hass = hass
        self._registry = entity_registry
        self._device_of = device_of

    def state(self, item: Item) -> State:
        """Return the state of the event entity of an item."""
        ((_, identifier),) = self._device_of(item).identifiers
        return self._state(f"{identifier}_event")

    def own(self, event: Item) -> State:
        """Return the state of the event entity of a user-defined event."""
        entries = self._registry.entities.values()
        ids = (one.unique_id for one in entries if one.platform == DOMAIN)
        return self._state(
            next(one for one in ids if one.endswith(f"{event.id}_raised"))
        )

    def _state(self, unique_id: str) -> State:
        entity_id = self._registry.async_get_entity_id(
            Platform.EVENT, DOMAIN, unique_id
        )
        state = self._hass.states.get(entity_id or "")
        assert state is not None
        return state

    def attributes(self, item: Item) -> dict[str, Any]:
        """Return the attributes of the last event."""
        attributes = dict(self.state(item).attributes)
        for name in ("event_types", "friendly_name"):
            attributes.pop(name, None)
        return attributes
