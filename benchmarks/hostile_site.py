"""The cost of sites with far too many items, with our limits and without them.

Each case has its own process for Home Assistant and another one for the server, so that
neither memory nor CPU of the server counts. Memory is the peak during the set-up (or
the readings) minus what Home Assistant had before; the longest turn of the event loop
is in CPU seconds, garbage collections not included.

    python -m benchmarks.hostile_site
"""

import argparse
import asyncio
from collections.abc import Callable
from dataclasses import replace
import gc
import math
from pathlib import Path
import resource
import sys
from tempfile import TemporaryDirectory
from typing import NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.json import json_bytes

from benchmarks.home_assistant import (
    entry_at,
    home_assistant,
    server_process,
    set_up,
    until,
)
from benchmarks.site import cost_of, encode_registries
from custom_components.xprotect_events import (
    button,
    devices,
    site_limits,
    source_states,
)
from custom_components.xprotect_events.engine import event_keys
from custom_components.xprotect_events.mode import Mode
from custom_components.xprotect_events.runtime import XProtectRuntime
from xprotect_simulator import Options, Simulator
from xprotect_simulator.happening.world import World
from xprotect_simulator.identifiers import random_guid, seeded
from xprotect_simulator.site.event_types import EventType, StateGroup
from xprotect_simulator.site.items import Item

# Seconds for a set-up, and for a reading of the lists.
PATIENCE = 900.0
# Seconds without a new entity after which there will be no more.
QUIET = 10.0
MIB = 2**20
CAMERAS = 200
CHANGING_CAMERAS = 5000

_random = seeded(1, "hostile site")


def guid() -> str:
    """Return a new GUID."""
    return random_guid(_random)


def add_group(world: World, states: int, more: str = "") -> EventType:
    """Add a state group of cameras, and return the event type of its first state."""
    names = [f"State {number}{more}" for number in range(states)]
    group = StateGroup(id=guid(), display_name="A group", states=tuple(names))
    world.state_groups[group.id] = group
    added = [
        EventType(
            id=guid(),
            name=name,
            display_name=name,
            generator_type="Driver",
            generator_subtype="Device",
            group="Device - Configurable",
            sources=("Camera",),
            state_group=group.id,
            state=name,
        )
        for name in names
    ]
    world.event_types |= {one.id: one for one in added}
    return added[0]


def many_sensors(world: World) -> None:
    """Give each camera 300 states, which are 60,000 sensors."""
    for _ in range(300):
        first = add_group(world, 3)
        for camera in world.cameras:
            world.emit(first.id, camera)


def many_states(world: World) -> None:
    """Give each camera one of a thousand states with names of 200 characters."""
    first = add_group(world, 1000, "x" * 190)
    for camera in world.cameras:
        world.emit(first.id, camera)


def many_names(world: World) -> None:
    """Give each camera 5,000 analytics events."""
    add_named(world, "analyticsEvents", 5000)


def many_buttons(world: World) -> None:
    """Create 20,000 user-defined events."""
    add_named(world, "userDefinedEvents", 20_000, subtype="UserDefined")


def add_named(world: World, kind: str, count: int, **extra: object) -> None:
    """Add events with names by users."""
    for number in range(count):
        name = f"Something has happened {number}"
        item = Item(kind=kind, id=guid(), name=name, extra=extra)
        # A message about each of them is not needed.
        world._put(item)  # noqa: SLF001 - see above


def change_ids(world: World) -> None:
    """Replace all items by copies with other ids, and announce one change."""
    inventory = world.inventory
    kinds = {"hardware", "cameras", "microphones", "speakers", "inputEvents", "outputs"}
    changed = {
        one.path: replace(one, id=guid()) for one in inventory if one.kind in kinds
    }
    for path, item in changed.items():
        parent = changed.get(item.parent or "")
        inventory.drop(inventory.get(path))
        inventory.put(replace(item, parent=parent.path if parent else item.parent))
    site = world.site
    world.configuration_changed("Changed", site.path, site.name)


class Case(NamedTuple):
    """A site, how many cameras it has, and what happens after the set-up."""

    prepare: Callable[[World], object]
    cameras: int = CAMERAS
    # With fewer entities the set-up is not over, because an answer may take a while.
    entities: int = 0
    readings: int = 0
    unlimited: bool = True


CASES = {
    "60,000 state sensors": Case(many_sensors, entities=50_000, unlimited=False),
    "1,000 states at 200 cameras": Case(many_states),
    "5,000 names at 200 cameras": Case(many_names),
    "20,000 user-defined events": Case(many_buttons),
    "ids that change at two readings": Case(
        lambda _: None, cameras=CHANGING_CAMERAS, readings=2
    ),
}


async def serve(name: str) -> None:
    """Run the server; each line of input changes all ids."""
    case = CASES[name]
    async with Simulator(Options(scenario="quiet", cameras=case.cameras)) as simulator:
        case.prepare(simulator.world)
        print(simulator.url, simulator.world.site.id, flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            change_ids(simulator.world)


def lift_limits() -> None:
    """Remove the limits of devices, entities, states and names."""
    for module, limit in (
        (site_limits, "MAX_OPTIONS"),
        (site_limits, "MAX_OPTIONS_LENGTH"),
        (devices, "MAX_DEVICES"),
        (devices, "MAX_NEW_DEVICES"),
        (button, "MAX_BUTTONS"),
        (source_states, "MAX_STATE_SENSORS"),
        (event_keys, "MAX_OF_SERVER"),
        (event_keys, "MAX_OF_SOURCE"),
        (event_keys, "MAX_WITH_ENTITY"),
        (event_keys, "MAX_KEYS"),
    ):
        if not hasattr(module, limit):
            raise SystemExit(f"There is no {limit}")
        setattr(module, limit, 10**9)


async def measure(name: str, *, is_limited: bool) -> None:
    """Print the cost of a case in Home Assistant."""
    if not is_limited:
        lift_limits()
    serving = server_process("benchmarks.hostile_site", f"--serve={name}")
    # A folder of its own, because Home Assistant stores the registries there.
    with TemporaryDirectory() as folder:
        async with (
            serving as (url, site_id, server),
            home_assistant(Path(folder)) as hass,
        ):
            gc.collect()
            before = peak()
            entry = entry_at(url, site_id)

            async def work() -> None:
                runtime = await set_up(hass, entry, patience=PATIENCE)
                await until(runtime, lambda: runtime.channels.mode is Mode.PUSH)
                await settled(hass, CASES[name].entities)
                for _ in range(CASES[name].readings):
                    server.stdin.write(b"change\n")
                    await reading(runtime)
                    await settled(hass)

            cost = await cost_of(work)
            grown = peak() - before
            made = registered(hass)
            await hass.config_entries.async_unload(entry.entry_id)
    limits = "limits" if is_limited else "without"
    print(
        f"{name:32} {limits:8} +{grown / MIB:5.0f} MiB,"
        f" longest turn {max(cost.turns) * 1000:4.0f} ms,"
        f" garbage collection {max(cost.collections, default=math.nan) * 1000:4.0f} ms,"
        f" {cost.seconds:5.1f} s; {made}",
        flush=True,
    )


def registered(hass: HomeAssistant) -> str:
    """Return the number of entries in the registries, and their size on disk."""
    entities, things = er.async_get(hass), dr.async_get(hass)
    size = sum(
        len(json_bytes(one._data_to_save()))  # noqa: SLF001 - as it is stored
        for one in (entities, things)
    )
    return (
        f"{len(entities.entities)} entities, {len(things.devices)} devices,"
        f" {size / MIB:.1f} MiB of registries"
    )


async def settled(hass: HomeAssistant, at_least: int = 0) -> None:
    """Wait until no entity is added, and encode the registries as for the disk."""
    entities, before = er.async_get(hass).entities, -1
    while before != len(entities) or before < at_least:
        before = len(entities)
        await asyncio.sleep(QUIET)
        await hass.async_block_till_done()
    await encode_registries(hass)


async def reading(runtime: XProtectRuntime) -> None:
    """Wait until the lists were read again."""
    read = asyncio.Event()
    stop = runtime.inventory.async_add_listener(read.set)
    async with asyncio.timeout(PATIENCE):
        await read.wait()
    stop()


def peak() -> int:
    """Return the largest memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def each() -> None:
    """Measure every case, with and without limits."""
    for name, case in CASES.items():
        for more in ((), ("--unlimited",))[: 1 + case.unlimited]:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "benchmarks.hostile_site", f"--case={name}", *more
            )
            await process.wait()


def main() -> None:
    """Measure all cases, or one of them, or run its server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--unlimited", action="store_true")
    parser.add_argument("--serve", choices=CASES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(serve(arguments.serve))
    elif arguments.case:
        asyncio.run(measure(arguments.case, is_limited=not arguments.unlimited))
    else:
        asyncio.run(each())


if __name__ == "__main__":
    main()
