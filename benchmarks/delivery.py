"""CPU per pushed event, from the frame to bus event, sensor and event entity.

The floor is the work of every possible integration: parse the frame's JSON, fire one
bare bus event, write the states of the two smallest possible entities. Both bus events
have one listener, because Home Assistant creates no event without listeners. The floor
parses with `json`, as the integration did when the target was set, or as it does now
with `--orjson`.

Rows with `first` are of the first fifty events of each round. The round before it has
replaced their code and data in the processor's caches.

The two alternate in short rounds, and the median and the best round are printed: other
work on the machine adds to the median, but not to the best round. The same number of
cameras has events at sites of every size, so the figures show the cost of a larger site
and not of more states.

    python -m benchmarks.delivery --events 20000 --cameras 50 2500
"""

import argparse
import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
import json
import logging
from statistics import median
import time
from typing import Any
from unittest.mock import patch
from uuid import UUID

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.event import EventEntity
from homeassistant.const import Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_component import EntityComponent
import orjson
from pytest_homeassistant_custom_component.common import MockConfigEntry

from benchmarks.home_assistant import entry_for, home_assistant, set_up
from custom_components import xprotect_events as integration
from custom_components.xprotect_events.api import Event as XProtectEvent, Json
from custom_components.xprotect_events.api.body import decode
from custom_components.xprotect_events.api.wire import decode_each
from custom_components.xprotect_events.const import EVENT_LIVE
from custom_components.xprotect_events.event_delivery import EventDelivery
from xprotect_simulator import Options, Simulator, event_ids

# Short enough that the machine's speed hardly changes within one round, and long enough
# that the first events, which are slower, hardly count.
ROUNDS = 20
# Cameras at which things happen.
ACTIVE = 50
BARE_EVENT = "bare_event"

type Work = Callable[[list[str]], Awaitable[None]]


class BareSensor(BinarySensorEntity):
    """The smallest possible binary sensor."""

    _attr_should_poll = False

    def __init__(self, number: int) -> None:
        self._attr_unique_id = f"bare {number}"
        self._attr_is_on = False

    def toggle(self) -> None:
        """Change the state."""
        self._attr_is_on = not self._attr_is_on
        self.async_write_ha_state()


class BareEvent(EventEntity):
    """The smallest possible event entity."""

    _attr_should_poll = False

    def __init__(self, number: int) -> None:
        self._attr_unique_id = f"bare {number}"
        self._attr_event_types = ["happened"]

    def happen(self) -> None:
        """Write an event with no attributes."""
        self._trigger_event("happened")
        self.async_write_ha_state()


def frames(simulator: Simulator, count: int, round_number: int) -> list[str]:
    """Write frames of one event each, motion started and stopped in turn."""
    now = simulator.clock.now()
    written = []
    for number in range(count):
        time_text = (now + timedelta(microseconds=number)).isoformat()
        camera = simulator.world.cameras[number % ACTIVE]
        is_start = number // ACTIVE % 2 == 0
        event: Json = {
            "specversion": "1.0",
            "id": str(UUID(int=round_number * 10**9 + number)),
            "type": event_ids.MOTION_STARTED if is_start else event_ids.MOTION_STOPPED,
            "source": camera.path,
            "time": time_text.replace("+00:00", "0Z"),
            "stategroupid": "720ef62a-78be-418a-8e4c-ee04ffca6429",
        }
        written.append(json.dumps({"events": [event]}))
    return written


async def ours(hass: HomeAssistant, entry: MockConfigEntry) -> Work:
    """Set an entry up, and return the function that receives a frame."""
    created: list[EventDelivery] = []

    def create(*arguments: Any) -> EventDelivery:  # noqa: ANN401 - passed on
        created.append(EventDelivery(*arguments))
        return created[-1]

    with patch.object(integration, "EventDelivery", create):
        await set_up(hass, entry)
    push = created[0]._push  # noqa: SLF001 - where frames come in

    async def deliver(texts: list[str]) -> None:
        for text in texts:
            message: Any = decode(text.encode())
            rows = message["events"]
            events = decode_each(XProtectEvent.from_wire, rows, "events").rows
            await push._take(events)  # noqa: SLF001 - as above

    return deliver


async def floor(
    hass: HomeAssistant, cameras: int, loads: Callable[[str], Any] = json.loads
) -> Work:
    """Return such a function for the smallest possible entities."""
    logger = logging.getLogger(__name__)
    sensors = [BareSensor(number) for number in range(cameras)]
    events = [BareEvent(number) for number in range(cameras)]
    for platform, entities in (
        (Platform.BINARY_SENSOR, sensors),
        (Platform.EVENT, events),
    ):
        bare: list[Entity] = list(entities)
        component = EntityComponent[Entity](logger, f"bare_{platform}", hass)
        await component.async_add_entities(bare)

    async def deliver(texts: list[str]) -> None:
        for number, text in enumerate(texts):
            event = loads(text)["events"][0]
            hass.bus.async_fire(BARE_EVENT, event)
            sensors[number % ACTIVE].toggle()
            events[number % ACTIVE].happen()

    return deliver


async def measure(work: Work, texts: list[str]) -> float:
    """Return microseconds of CPU per frame."""
    began = time.process_time()
    await work(texts)
    return (time.process_time() - began) / len(texts) * 1e6


async def compare(
    events: int, cameras: int, loads: Callable[[str], Any]
) -> Mapping[str, list[float]]:
    """Return the microseconds per event of the integration and the floor, by round.

    The first events of each round have separate keys.
    """
    options = Options(cameras=cameras, scenario="quiet")
    async with Simulator(options) as simulator, home_assistant() as hass:
        received: Counter[str] = Counter()

        @callback
        def hear(event: Event) -> None:
            received[str(event.event_type)] += 1

        hass.bus.async_listen(EVENT_LIVE, hear)
        hass.bus.async_listen(BARE_EVENT, hear)
        entry = entry_for(simulator, delivery="poll")
        works = {
            "ours": await ours(hass, entry),
            "floor": await floor(hass, cameras, loads),
        }
        figures: dict[str, list[float]] = defaultdict(list)
        for number in range(ROUNDS):
            for name, work in works.items():
                texts = frames(simulator, events // ROUNDS, number + 1)
                began = time.time()
                first = await measure(work, texts[:ACTIVE])
                rest = await measure(work, texts[ACTIVE:])
                share = ACTIVE / len(texts)
                figures[name].append(first * share + rest * (1 - share))
                figures[f"{name}, first"].append(first)
                _check(hass, began)
                await hass.async_block_till_done()
        if set(received.values()) != {events // ROUNDS * ROUNDS}:
            raise SystemExit(f"Not every event was received: {dict(received)}")
        return figures


def _check(hass: HomeAssistant, began: float) -> None:
    """Check that all events of a round have really been delivered and written."""
    moved = [
        state
        for state in hass.states.async_all()
        if state.domain.endswith(("binary_sensor", "event"))
        and state.last_changed_timestamp >= began
    ]
    if len(moved) != 2 * ACTIVE:
        raise SystemExit(f"{len(moved)} entities have changed in a round")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--cameras", type=int, nargs="+", default=[50, 2500])
    parser.add_argument(
        "--orjson", action="store_true", help="the floor decodes with orjson, too"
    )
    arguments = parser.parse_args()
    loads = orjson.loads if arguments.orjson else json.loads
    print("cameras  rounds         ours µs/event  floor µs/event  ratio")
    for cameras in arguments.cameras:
        figures = asyncio.run(compare(arguments.events, cameras, loads))
        for name, choose in (("median", median), ("best", min)):
            for first in ("", ", first"):
                mine, bare = (
                    choose(figures[f"ours{first}"]),
                    choose(figures[f"floor{first}"]),
                )
                print(
                    f"{cameras:7}  {name + first:13}  {mine:13.1f}  {bare:14.1f}"
                    f"  {mine / bare:5.2f}"
                )


if __name__ == "__main__":
    main()
