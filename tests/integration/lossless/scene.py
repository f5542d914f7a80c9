"""The site, its events and the bus, for tests of lossless delivery."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import logging

from homeassistant.const import Platform
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.lossless.passing_time import PassingTime
from xprotect_simulator import Item, Simulator, StoredEvent, event_ids

BUS_EVENTS = ("xprotect_events_event", "xprotect_events_missed_event")


@dataclass(slots=True)
class Bus:
    """The events on the bus, in their order."""

    events: list[Event] = field(default_factory=list)

    def listen(self, hass: HomeAssistant) -> None:
        """Record both kinds of events from now on."""
        for event_type in BUS_EVENTS:
            hass.bus.async_listen(event_type, self._note)

    @property
    def ids(self) -> list[str]:
        """The ids of all events."""
        return [event.data["event_id"] for event in self.events]

    @property
    def live(self) -> list[Event]:
        """Events that were fired as live."""
        return [event for event in self.events if event.event_type == BUS_EVENTS[0]]

    @property
    def missed(self) -> list[Event]:
        """Events that were fired as missed."""
        return [event for event in self.events if event.event_type == BUS_EVENTS[1]]

    @callback
    def _note(self, event: Event) -> None:
        self.events.append(event)


@dataclass(slots=True, kw_only=True)
class Scene:
    """A Home Assistant and a server that share one clock."""

    hass: HomeAssistant
    simulator: Simulator
    time: PassingTime
    entry: MockConfigEntry
    bus: Bus
    caplog: pytest.LogCaptureFixture
    emitted: list[StoredEvent] = field(default_factory=list)

    @property
    def camera(self) -> Item:
        """The camera that has events."""
        return self.simulator.world.cameras[0]

    @property
    def motion(self) -> str:
        """The state of the camera's motion sensor."""
        return self.state(Platform.BINARY_SENSOR, self.camera, "motion")

    @property
    def delivery(self) -> str:
        """The state of the delivery sensor."""
        return self.state(Platform.SENSOR, None, "delivery")

    @property
    def expected_motion(self) -> str:
        """The motion of the camera according to its newest event."""
        is_on = self.emitted[-1].type == event_ids.MOTION_STARTED
        return "on" if is_on else "off"

    @property
    def event_requests(self) -> int:
        """The number of requests for events among the last 10,000."""
        return sum(
            one.path.startswith(("/api/rest/v1/events", "/api/rest/v1/eventSessions"))
            for one in self.simulator.requests
        )

    @property
    def logins(self) -> int:
        """The number of sign-ins."""
        return len(self.simulator.login_attempts)

    @property
    def delivery_id(self) -> str:
        """The delivery sensor."""
        return self.entity_id(Platform.SENSOR, None, "delivery")

    def watch(self, *entity_ids: str) -> list[str]:
        """Return a list to which the states of the entities are added from now on."""
        seen: list[str] = []

        @callback
        def note(event: Event[EventStateChangedData]) -> None:
            old, new = event.data["old_state"], event.data["new_state"]
            if old is None or new is None or old.state != new.state:
                seen.append(new.state if new else "gone")

        async_track_state_change_event(self.hass, entity_ids, note)
        return seen

    def state(self, platform: Platform, item: Item | None, key: str) -> str:
        """Return the state of an entity of an item, or of the server."""
        entity_id = self.entity_id(platform, item, key)
        state = self.hass.states.get(entity_id)
        return state.state if state else f"{entity_id} has no state"

    def entity_id(self, platform: Platform, item: Item | None, key: str) -> str:
        """Return the id of an entity of an item, or of the server."""
        parts = [self.simulator.world.site.id, item.id if item else "", key]
        unique_id = "_".join(part for part in parts if part)
        registry = er.async_get(self.hass)
        found = registry.async_get_entity_id(platform, DOMAIN, unique_id)
        assert found is not None, f"no {key}"
        return found

    @property
    def server_now(self) -> datetime:
        """The server's own time."""
        world = self.simulator.world
        return world.clock.now() + world.skew

    def emit(self, count: int = 1, *, ago: timedelta | None = None) -> StoredEvent:
        """Start and stop motion in turn, so many times; return the last event."""
        for _ in range(count):
            is_start = len(self.emitted) % 2 == 0
            event = self.simulator.world.emit(
                event_ids.MOTION_STARTED if is_start else event_ids.MOTION_STOPPED,
                self.camera,
                time=None if ago is None else self.server_now - ago,
            )
            self.emitted.append(event)
        return self.emitted[-1]

    def note_what_the_server_added(self) -> None:
        """Also expect the events that a fault has created."""
        known = {event.id for event in self.emitted}
        happened = self.simulator.world.ledger.happened
        self.emitted += [event for event in happened if event.id not in known]

    async def set_up(self) -> None:
        """Set the integration up; the first poll is over."""
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.time.settle()

    async def unload(self) -> None:
        """Unload the integration, as a restart does."""
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.time.settle()

    async def busy_time(self, seconds: float) -> None:
        """Advance the time, with an event every five seconds."""
        for _ in range(round(seconds / 5)):
            self.emit()
            await self.time.passes(5)

    def lines(self, *parts: str, level: int = logging.INFO) -> list[str]:
        """Return our log lines at this level or above with these parts."""
        return [
            record.getMessage()
            for record in self.caplog.records
            if record.name.startswith("custom_components.")
            and record.levelno >= level
            and all(part in record.getMessage() for part in parts)
        ]

    def assert_everything_arrived_once(self) -> None:
        """Assert that the events on the bus are all stored ones, once each."""
        expected = Counter(event.id for event in self.emitted)
        assert Counter(self.bus.ids) == expected
