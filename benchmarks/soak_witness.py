"""Compares the states in Home Assistant with the true states during a soak."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import BinaryIO, TypedDict
from uuid import UUID

from homeassistant.const import (
    EVENT_STATE_CHANGED,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry
from homeassistant.util import dt as dt_util

from custom_components.xprotect_events.api import Source
from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from custom_components.xprotect_events.entity import unique_id

# Seconds after a fault within which all states must be right, by mode. The audit finds
# what was not pushed; slow answers delay it. A longer outage has no states.
RECOVERY = {"push": 45.0, "poll": 15.0}
# Seconds within which the last event must be shown: some polls.
GRACE = 10.0
ID_SIZE = 16


class CameraTruth(TypedDict):
    """The true motion state of a camera."""

    event: str
    is_on: bool
    seconds: float
    is_latest: bool


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The true states of the server; `calm` is the seconds since the last fault."""

    states: Mapping[str, CameraTruth]
    calm: float


class Ids:
    """Event ids on disk: in memory they would count as growth."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def add(self, event_id: str) -> None:
        """Write an id."""
        self._file.write(UUID(event_id).bytes)

    def counted(self) -> Counter[str]:
        """Return how often each id was written."""
        self._file.seek(0)
        found: Counter[str] = Counter()
        while row := self._file.read(ID_SIZE):
            found[str(UUID(bytes=row))] += 1
        return found


class Witness:
    """Compares motion sensors with the simulator, and event entities with the bus."""

    def __init__(self, hass: HomeAssistant, site_id: str, shown: Ids) -> None:
        self._hass = hass
        self._site_id = site_id
        self._registry = entity_registry.async_get(hass)
        self.compared = 0
        self.wrong: dict[str, str] = {}
        self.live = 0
        self.unshown = 0
        self.shown_again = 0
        self._shown = shown
        self._shown_last: dict[str, str] = {}
        hass.bus.async_listen(EVENT_LIVE, self._note)
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._note_shown)

    def compare(self, truth: Truth) -> None:
        """Compare states that had enough time to be reported.

        Nothing is compared during a fault and shortly after it, when events may be
        delayed or wait for an audit.
        """
        if truth.calm < RECOVERY.get(self._delivery(), inf):
            return
        for source, actual in truth.states.items():
            state = self._hass.states.get(self._entity(source, "motion") or "")
            if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
                continue
            age = (dt_util.utcnow() - state.last_changed).total_seconds()
            if min(actual["seconds"], age) > GRACE:
                self._judge(source, actual, state.state)

    def compare_at_last(self, truth: Truth, delivery: str) -> None:
        """Compare all states at the end, when all events have arrived."""
        for source, actual in truth.states.items():
            state = self._hass.states.get(self._entity(source, "motion") or "")
            self._judge(source, actual, state.state if state else "missing")
        wanted = "poll" if delivery == "poll" else "push"
        if self._delivery() != wanted:
            self.wrong["delivery"] = f"{self._delivery()} for {wanted}"
            print(f"  wrong: delivery is {self.wrong['delivery']}")
        shown = self._shown.counted()
        self.shown_again = shown.total() - len(shown)

    def _judge(self, source: str, actual: CameraTruth, shown: str) -> None:
        """Note a state that is not that of the last event.

        After a start without a stream, states come from the stored events with the
        newest times. If these are of a wrong clock, only the next event is right.
        """
        if self._delivery() != "push" and not actual["is_latest"]:
            return
        self.compared += 1
        wanted = STATE_ON if actual["is_on"] else STATE_OFF
        if shown != wanted and actual["event"] not in self.wrong:
            self.wrong[actual["event"]] = f"{source} {shown} for {wanted}"
            print(
                f"  wrong: {source} is {shown}, delivery {self._delivery()}, {actual}",
                flush=True,
            )

    def _delivery(self) -> str:
        state = self._hass.states.get(self._entity(None, "delivery") or "")
        return state.state if state else "missing"

    def _entity(self, source: str | None, key: str) -> str | None:
        platform = "sensor" if source is None else "binary_sensor"
        unique = unique_id(self._site_id, Source.parse(source) if source else None, key)
        return self._registry.async_get_entity_id(platform, DOMAIN, unique)

    @callback
    def _note(self, event: Event) -> None:
        """Check whether the event entity shows the event that is now on the bus.

        While it is unavailable, it keeps events until it is available, or drops them.
        """
        device_id = event.data["device_id"]
        for entry in entity_registry.async_entries_for_device(
            self._registry, device_id
        ):
            if entry.domain != "event":
                continue
            state = self._hass.states.get(entry.entity_id)
            if state is None or state.state == STATE_UNAVAILABLE:
                continue
            self.live += 1
            if state.attributes.get("event_id") != event.data["event_id"]:
                self.unshown += 1
                print(f"  not shown: {event.data}", flush=True)

    @callback
    def _note_shown(self, event: Event[EventStateChangedData]) -> None:
        """Note what an event entity shows, but not when it only becomes available."""
        entity_id, state = event.data["entity_id"], event.data["new_state"]
        event_id = state.attributes.get("event_id") if state else None
        if event_id is None or self._shown_last.get(entity_id) == event_id:
            return
        self._shown_last[entity_id] = event_id
        self._shown.add(event_id)
