"""A large site: set-up, memory, and delays of the event loop.

The floor is Home Assistant's own cost of adding the same numbers of devices and of
bare entities, of which the same number is disabled and only in the registry. Saving the
registries, which Home Assistant does soon after, has separate lines.

The delay of the loop is measured in three ways: by wall clock, which on a busy machine
includes other processes; by the CPU time of one turn, without garbage collection; and
by the longest garbage collection, which depends on all objects of the process.

    python -m benchmarks.site --cameras 2500 --rate 200 --seconds 60
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
import gc
import logging
from pathlib import Path
import resource
import socket
from statistics import quantiles
import sys
import time
from typing import NamedTuple

from aiohttp import ClientSession
from homeassistant.const import Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity_platform import EntityPlatform
from homeassistant.helpers.json import json_bytes
from pytest_homeassistant_custom_component.common import MockConfigEntry

from benchmarks.delivery import BareEvent, BareSensor
from benchmarks.home_assistant import entry_at, home_assistant, set_up, until
from custom_components.xprotect_events.const import EVENT_LIVE, EVENT_MISSED
from custom_components.xprotect_events.mode import Mode
from xprotect_simulator import Options, Simulator

# Seconds between two checks whether the loop is free.
TICK = 0.005


@dataclass(kw_only=True)
class Cost:
    """The measured cost of some work."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    delays: list[float]
    turns: list[float]
    collections: list[float]

    @property
    def p99_ms(self) -> float:
        """The 99th percentile of the loop's delays."""
        return quantiles(self.delays, n=100)[98] * 1000


async def cost_of(work: Callable[[], Awaitable[object]]) -> Cost:
    """Run the work, and measure the event loop meanwhile."""
    delays: list[float] = []
    turns: list[float] = []
    collections: list[float] = []

    def collecting(phase: str, _info: object) -> None:
        now = time.thread_time()
        collections.append(now if phase == "start" else now - collections.pop())

    async def watch() -> None:
        while True:
            began, cpu = time.perf_counter(), time.thread_time()
            collected = len(collections)
            await asyncio.sleep(TICK)
            delays.append(max(0, time.perf_counter() - began - TICK))
            turns.append(time.thread_time() - cpu - sum(collections[collected:]))

    gc.callbacks.append(collecting)
    memory = megabytes()
    watcher = asyncio.create_task(watch())
    await asyncio.sleep(2 * TICK)
    began, cpu = time.perf_counter(), time.process_time()
    await work()
    cost = Cost(
        seconds=time.perf_counter() - began,
        cpu_seconds=time.process_time() - cpu,
        megabytes=megabytes() - memory,
        delays=delays,
        turns=turns,
        collections=collections,
    )
    # Let the watcher also measure the last delay.
    await asyncio.sleep(10 * TICK)
    watcher.cancel()
    gc.callbacks.remove(collecting)
    return cost


class Registered(NamedTuple):
    """The numbers of enabled and disabled entities and of devices of an entry."""

    enabled: int
    disabled: int
    devices: int


def registered(hass: HomeAssistant, entry: MockConfigEntry) -> Registered:
    """Count what an entry has in the registries."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    disabled = sum(entity.disabled for entity in entities)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return Registered(len(entities) - disabled, disabled, len(devices))


async def add_bare(hass: HomeAssistant, wanted: Registered) -> None:
    """Add the same numbers of devices and of the smallest possible entities."""
    entry = MockConfigEntry(domain="bare")
    entry.add_to_hass(hass)
    registry = dr.async_get(hass)
    devices = [
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            identifiers={("bare", str(number))},
            name=f"Device {number}",
        )
        for number in range(wanted.devices)
    ]
    numbers = range(wanted.enabled + wanted.disabled)
    sensors = {number: BareSensor(number) for number in numbers[::2]}
    events = {number: BareEvent(number) for number in numbers[1::2]}
    for domain, entities in (
        (Platform.BINARY_SENSOR, sensors),
        (Platform.EVENT, events),
    ):
        for number, entity in entities.items():
            entity.device_entry = devices[number % len(devices)]
            entity.entity_registry_enabled_default = number < wanted.enabled
        platform = EntityPlatform(
            hass=hass,
            logger=logging.getLogger(__name__),
            domain=domain,
            platform_name="bare",
            platform=None,
            scan_interval=timedelta(seconds=30),
            entity_namespace=None,
        )
        platform.config_entry = entry
        await platform.async_add_entities(entities.values())
    await hass.async_block_till_done()


async def encode_registries(hass: HomeAssistant) -> None:
    """Encode the registries as for the disk, which tests do not do."""
    for registry in (er.async_get(hass), dr.async_get(hass)):
        data = registry._data_to_save()  # noqa: SLF001 - not public
        await hass.async_add_executor_job(json_bytes, data)


async def set_up_costs(address: str, site_id: str) -> None:
    """Print the cost of our set-up, and the floor."""
    async with home_assistant() as hass:
        entry = entry_at(address, site_id)
        cost = await cost_of(lambda: follow(hass, entry))
        written = await cost_of(lambda: encode_registries(hass))
        counts = registered(hass, entry)
    print(f"entities: {counts.enabled} enabled, {counts.disabled} disabled;", end=" ")
    print(f"devices: {counts.devices}")
    print_cost("set-up", cost)
    print_cost("Home Assistant's registries", written)
    # In a separate process, because this one has had its full garbage collections.
    command = ["-m", "benchmarks.site", "--bare", *map(str, counts)]
    floor = await asyncio.create_subprocess_exec(sys.executable, *command)
    await floor.wait()


async def bare_costs(wanted: Registered) -> None:
    """Print the cost of the same number of bare entities in Home Assistant."""
    async with home_assistant() as hass:
        bare = await cost_of(lambda: add_bare(hass, wanted))
        written = await cost_of(lambda: encode_registries(hass))
    print_cost("floor: as many bare ones", bare)
    print_cost("floor: the registries", written)


async def busy_costs(address: str, site_id: str, rate: int, seconds: int) -> None:
    """Print the cost of a time with many events."""
    received: list[str] = []

    @callback
    def note(event: Event) -> None:
        received.append(event.data["event_id"])

    async with home_assistant() as hass, ClientSession() as session:
        await follow(hass, entry_at(address, site_id))
        hass.bus.async_listen(EVENT_LIVE, note)
        hass.bus.async_listen(EVENT_MISSED, note)
        # The first second still has work of the start.
        await asyncio.sleep(1)
        first = await _ledger(session, address, 0)
        cost = await cost_of(lambda: asyncio.sleep(seconds))
        happened = await _ledger(session, address, len(first))
        await asyncio.sleep(35)
    print_cost(f"{rate} events/s for {seconds} s", cost)
    lost = len(set(happened) - set(received))
    repeated = len(received) - len(set(received))
    print(
        f"{len(happened)} events, CPU share {cost.cpu_seconds / cost.seconds:.0%},"
        f" lost {lost}, repeated {repeated}"
    )


async def follow(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set a site up, until events are pushed and the states are known."""
    runtime = await set_up(hass, entry)
    await until(runtime, lambda: runtime.channels.mode is Mode.PUSH)
    # The answer with all states is read in the background.
    while runtime.states.needs_snapshot:  # noqa: ASYNC110 - nothing announces it
        await asyncio.sleep(TICK)
    await hass.async_block_till_done()


async def _ledger(session: ClientSession, address: str, after: int) -> list[str]:
    """Return the ids of the site's events after a number."""
    ids: list[str] = []
    while True:
        url = f"{address}/simulator/ledger?after={after + len(ids)}"
        async with session.get(url) as response:
            found = (await response.json())["array"]
        if not found:
            return ids
        ids.extend(row["id"] for row in found)


def print_cost(name: str, cost: Cost) -> None:
    """Print a line with the cost of some work."""
    print(
        f"{name:34} {cost.seconds:7.1f} s  CPU {cost.cpu_seconds:6.1f} s"
        f"  {cost.megabytes:6.0f} MB  loop held up: wall {_longest(cost.delays)} ms"
        f" (p99 {cost.p99_ms:.1f}), CPU {_longest(cost.turns)} ms,"
        f" garbage collection {_longest(cost.collections)} ms",
        flush=True,
    )


def _longest(durations: list[float]) -> int:
    return round(max(durations, default=0) * 1000)


def megabytes() -> float:
    """Return the memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024**2


@asynccontextmanager
async def other_process(cameras: int, scenario: str) -> AsyncIterator[tuple[str, str]]:
    """Run the simulator in another process, so that its CPU does not count."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = ["-m", "xprotect_simulator", f"--port={port}", f"--cameras={cameras}"]
    # The seed, because by default another port is another site.
    command += [f"--seed={Options().seed}"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        f"--scenario={scenario}",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        if process.stdout is not None:
            await process.stdout.readline()
        yield address, Simulator(Options(cameras=cameras)).world.site.id
    finally:
        process.terminate()
        await process.wait()


async def measure(cameras: int, rate: int, seconds: int) -> None:
    """Measure a quiet site, then a busy one."""
    async with other_process(cameras, "still") as (address, site_id):
        await set_up_costs(address, site_id)
    async with other_process(cameras, f"still+storm:{rate}") as (address, site_id):
        await busy_costs(address, site_id, rate, seconds)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=2500)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument(
        "--bare",
        type=int,
        nargs=3,
        metavar=("ENABLED", "DISABLED", "DEVICES"),
        help="only the floor, for so many entities and devices",
    )
    arguments = parser.parse_args()
    if arguments.bare:
        asyncio.run(bare_costs(Registered(*arguments.bare)))
        return
    asyncio.run(measure(arguments.cameras, arguments.rate, arguments.seconds))


if __name__ == "__main__":
    main()
