"""Splits the set-up of a large site by what it is for, beside the floor.

CPU: the milliseconds of all threads, for the innermost of the functions below that
runs. Counting takes up to a third more time. Garbage collections have their own lines,
because a full one comes after a number of new objects, whoever creates them.

Memory: the megabytes that can be reached from each table after the set-up. An object
counts for the first table that has it. The line of the process has also what other
parts and the C library keep, without what was free before.

    python -m benchmarks.site_split --cameras 2500
"""

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
import gc
import json
import sys
import threading
import time
import types
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import DATA_DOMAIN_ENTITIES, EntityPlatform
from homeassistant.helpers.event import _KeyedEventData

from benchmarks.home_assistant import entry_at, home_assistant
from benchmarks.reachable import Reachable
from benchmarks.site import (
    Registered,
    add_bare,
    follow,
    megabytes,
    other_process,
    registered,
)
from custom_components import xprotect_events as integration
from custom_components.xprotect_events import (
    binary_sensor,
    devices,
    event,
    inventory_coordinator,
    presence,
)
from custom_components.xprotect_events.api import configuration, events, messages
from custom_components.xprotect_events.engine import event_poll, push, states
from custom_components.xprotect_events.entity import XProtectStateEntity
from custom_components.xprotect_events.runtime import XProtectRuntime

REST = "everything else"
TOGETHER = "together"
# The end of the names of sizes.
SIZE = " (size)"
PROCESS = f"the process{SIZE}"
# The generation of a full garbage collection.
OLDEST = 2
# What the time in each of these functions is for.
STAGES: tuple[tuple[str, Any, str], ...] = (
    ("lists: requests, JSON, rows", inventory_coordinator, "read_inventory"),
    ("lists: requests, JSON, rows", configuration.Configuration, "_list"),
    (
        "lists: save, compare, catalog",
        inventory_coordinator.XProtectInventoryCoordinator,
        "_async_update_data",
    ),
    ("devices", devices.XProtectDevices, "sync"),
    ("which states are reported", integration, "async_read_reported"),
    ("entities: create them", binary_sensor, "async_add_for_sources"),
    ("entities: create them", event, "async_add_for_sources"),
    ("entities: listeners", XProtectStateEntity, "async_added_to_hass"),
    ("entities: listeners", event.XProtectEvent, "async_added_to_hass"),
    ("stored events before the first one", event_poll, "take_bearings"),
    ("stored events before the first one", events.Events, "list"),
    ("states: decode messages", messages, "_read"),
    ("states: take them", states.States, "take_answer"),
    ("entities: follow the mode", presence.Presence, "_notify"),
    ("poll and push", event_poll.EventPoll, "poll"),
    ("poll and push", push.Push, "run"),
    ("set-up of the entry", integration, "async_setup_entry"),
    ("Home Assistant: device registry", dr.DeviceRegistry, "async_get_or_create"),
    ("Home Assistant: entity registry", er.EntityRegistry, "async_get_or_create"),
    ("Home Assistant: add entities", EntityPlatform, "async_add_entities"),
    ("Home Assistant: write states", Entity, "_async_write_ha_state"),
)


class Split:
    """Counts the CPU seconds of all threads by stage."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._thread = threading.local()
        self._collecting: list[str | None] = []

    def switch(self, stage: str | None) -> str | None:
        """Count from now on for a stage; return the one before."""
        now = time.thread_time()
        before: str | None = getattr(self._thread, "stage", None)
        if before is not None:
            self.seconds[before] += now - self._thread.since
        self._thread.stage, self._thread.since = stage, now
        return before

    @contextmanager
    def counting(self, *, all_stages: bool) -> Iterator[None]:
        """Count in this block; without `all_stages` only those of Home Assistant."""
        with ExitStack() as stack:
            for stage, owner, name in STAGES:
                if all_stages or stage.startswith("Home Assistant"):
                    timed = self._timed(stage, getattr(owner, name))
                    stack.enter_context(patch.object(owner, name, timed))
            gc.callbacks.append(self._collection)
            self.switch(REST)
            yield
            self.switch(None)
            gc.callbacks.remove(self._collection)

    def _timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*args: object, **kwargs: object) -> object:
            before = self.switch(stage)
            try:
                result = function(*args, **kwargs)
            finally:
                self.switch(before)
            return self._run(stage, result) if asyncio.iscoroutine(result) else result

        return timed

    async def _run(self, stage: str, work: Any) -> object:  # noqa: ANN401 - a coroutine
        return await self._steps(stage, work)

    @types.coroutine
    def _steps(self, stage: str, work: Any) -> Generator[Any, Any, Any]:  # noqa: ANN401 - a coroutine
        """Run a coroutine, and count only while it does not wait."""
        step, value = work.send, None
        while True:
            before = self.switch(stage)
            try:
                awaited = step(value)
            except StopIteration as end:
                return end.value
            finally:
                self.switch(before)
            try:
                step, value = work.send, (yield awaited)
            except BaseException as err:  # noqa: BLE001 - the coroutine's to handle
                step, value = work.throw, err

    def _collection(self, phase: str, info: dict[str, int]) -> None:
        kind = "full" if info["generation"] == OLDEST else "of newer objects"
        stage = f"garbage collections, {kind}"
        if phase == "start":
            self._collecting.append(self.switch(stage))
        else:
            self.switch(self._collecting.pop())


def tables_of(runtime: XProtectRuntime) -> dict[str, list[object]]:
    """Return what the integration keeps, by what it is for."""
    inventory = runtime.inventory
    return {
        "lists, event types": [vars(inventory.data), vars(inventory.catalog)],
        "states, and the event of each": [vars(runtime.states)],
        "ids of stored events": [vars(runtime.feed)],
        "devices of sources": [vars(runtime.devices)],
        "listeners": [
            vars(runtime.presence),
            vars(runtime.source_states),
            vars(runtime.dispatcher),
        ],
    }


def tables_of_home_assistant(hass: HomeAssistant) -> dict[str, list[object]]:
    """Return what Home Assistant keeps of entities and devices."""
    by_domain = hass.data[DATA_DOMAIN_ENTITIES].values()
    entities = [entity for found in by_domain for entity in found.values()]
    return {
        "Home Assistant: entity registry": [vars(er.async_get(hass).entities)],
        "Home Assistant: device registry": [vars(dr.async_get(hass)._devices)],  # noqa: SLF001 - not public
        "Home Assistant: states": [vars(hass.states._states)],  # noqa: SLF001 - not public
        "Home Assistant: listeners": [
            one for one in hass.data.values() if isinstance(one, _KeyedEventData)
        ],
        "entities": [*entities, *map(vars, entities)],
    }


def sizes(hass: HomeAssistant, runtime: XProtectRuntime | None) -> dict[str, float]:
    """Return the megabytes of each table; `runtime` is `None` for the floor."""
    gc.collect()
    # What they refer to is counted by its table.
    reachable = Reachable(runtime, hass)
    tables = {} if runtime is None else tables_of(runtime)
    tables |= tables_of_home_assistant(hass)
    return {
        f"{name}{SIZE}": reachable.megabytes(roots) for name, roots in tables.items()
    }


async def measure(
    work: Callable[[], Awaitable[object]], *, is_ours: bool
) -> dict[str, float]:
    """Return the milliseconds of CPU of some work by stage, and all of the process."""
    split = Split()
    before, began = megabytes(), time.process_time()
    with split.counting(all_stages=is_ours):
        await work()
    split.seconds[TOGETHER] = time.process_time() - began
    found = {name: seconds * 1000 for name, seconds in split.seconds.items()}
    return found | {PROCESS: megabytes() - before}


async def ours(cameras: int) -> tuple[dict[str, float], Registered]:
    """Measure a set-up of the integration."""
    async with (
        other_process(cameras, "still") as (address, site_id),
        home_assistant() as hass,
    ):
        entry = entry_at(address, site_id)
        found = await measure(lambda: follow(hass, entry), is_ours=True)
        return found | sizes(hass, entry.runtime_data), registered(hass, entry)


async def floor(wanted: Registered) -> dict[str, float]:
    """Measure as many bare entities."""
    async with home_assistant() as hass:
        found = await measure(lambda: add_bare(hass, wanted), is_ours=False)
        return found | sizes(hass, None)


async def compare(cameras: int) -> None:
    """Print both, and how much more of each the integration takes."""
    found, counts = await ours(cameras)
    # In a separate process, as in `site`.
    floor_process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.site_split", "--bare", *map(str, counts)),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await floor_process.communicate()
    bare = json.loads(printed)
    for unit, is_size in (("ms", False), ("MB", True)):
        print(f"{'more':>8} {'ours':>8} {'floor':>8}  {unit}")
        names = [name for name in found | bare if name.endswith(SIZE) == is_size]
        for name in sorted(names, key=lambda one: bare.get(one, 0) - found.get(one, 0)):
            mine, floor_s = found.get(name, 0), bare.get(name, 0)
            print(f"{mine - floor_s:8.1f} {mine:8.1f} {floor_s:8.1f}  {name}")


def main() -> None:
    """Print the split."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=2500)
    parser.add_argument("--bare", type=int, nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.bare:
        print(json.dumps(asyncio.run(floor(Registered(*arguments.bare)))))
        return
    asyncio.run(compare(arguments.cameras))


if __name__ == "__main__":
    main()
