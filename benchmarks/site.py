"""A large site: set-up, memory, and how long the event loop is held up.

The floor is Home Assistant's own cost of adding as many bare entities. What
Home Assistant does soon afterwards has lines of its own: it writes its registries down.

How long the loop is held up is measured in three ways: by the clock on the wall, which
on a busy machine also counts the turns of others; by the CPU that one turn of the loop
takes, without garbage collection; and by the longest garbage collection, whose length
depends on all objects of the process and not on who has made the last one.

    python -m benchmarks.site --cameras 2500 --rate 200 --seconds 60
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
import gc
import logging
from pathlib import Path
import resource
from statistics import quantiles
import sys
import time

from aiohttp import ClientSession
from homeassistant.const import Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_component import EntityComponent
from homeassistant.helpers.json import json_bytes
from pytest_homeassistant_custom_component.common import MockConfigEntry

from benchmarks.delivery import BareEvent, BareSensor
from benchmarks.home_assistant import entry_at, home_assistant, set_up, until
from custom_components.xprotect_events.const import EVENT_LIVE, EVENT_MISSED
from custom_components.xprotect_events.mode import Mode
from xprotect_simulator import Options, Simulator

# How often the loop is asked whether it is free, in seconds.
TICK = 0.005
PORT = 18799


@dataclass(kw_only=True)
class Cost:
    """What a piece of work has cost."""

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
    """Do the work and watch the event loop meanwhile."""
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
    # Let the watcher see also what held the loop up to the end.
    await asyncio.sleep(10 * TICK)
    watcher.cancel()
    gc.callbacks.remove(collecting)
    return cost


async def add_bare(hass: HomeAssistant, count: int) -> None:
    """Add as many of the smallest possible entities."""
    logger = logging.getLogger(__name__)
    half = count // 2
    sensors: list[Entity] = [BareSensor(number) for number in range(half)]
    events: list[Entity] = [BareEvent(number) for number in range(count - half)]
    for platform, entities in (
        (Platform.BINARY_SENSOR, sensors),
        (Platform.EVENT, events),
    ):
        component = EntityComponent[Entity](logger, f"bare_{platform}", hass)
        await component.async_add_entities(entities)
    await hass.async_block_till_done()


async def write_down(hass: HomeAssistant) -> None:
    """Encode the registries for the disk, as tests leave it undone."""
    for registry in (er.async_get(hass), dr.async_get(hass)):
        data = registry._data_to_save()  # noqa: SLF001 - nothing public does it
        await hass.async_add_executor_job(json_bytes, data)


async def set_up_costs(address: str, site_id: str) -> None:
    """Print what our set-up costs, beside the floor."""
    async with home_assistant() as hass:
        entry = entry_at(address, site_id)
        cost = await cost_of(lambda: _follow(hass, entry))
        written = await cost_of(lambda: write_down(hass))
        registry = er.async_get(hass)
        entities = er.async_entries_for_config_entry(registry, entry.entry_id)
    print_cost(f"set-up, {len(entities)} entities", cost)
    print_cost("Home Assistant's registries", written)
    # In a process of its own: this one has had its full garbage collections.
    command = ["-m", "benchmarks.site", f"--bare={len(entities)}"]
    floor = await asyncio.create_subprocess_exec(sys.executable, *command)
    await floor.wait()


async def bare_costs(count: int) -> None:
    """Print what Home Assistant itself needs for as many entities."""
    async with home_assistant() as hass:
        bare = await cost_of(lambda: add_bare(hass, count))
        written = await cost_of(lambda: write_down(hass))
    print_cost("floor: as many bare ones", bare)
    print_cost("floor: the registries", written)


async def busy_costs(address: str, site_id: str, rate: int, seconds: int) -> None:
    """Print what a minute of many events costs."""
    heard: list[str] = []

    @callback
    def note(event: Event) -> None:
        heard.append(event.data["event_id"])

    async with home_assistant() as hass, ClientSession() as session:
        await _follow(hass, entry_at(address, site_id))
        hass.bus.async_listen(EVENT_LIVE, note)
        hass.bus.async_listen(EVENT_MISSED, note)
        # The first second belongs to what was under way at the start.
        await asyncio.sleep(1)
        first = await _ledger(session, address, 0)
        cost = await cost_of(lambda: asyncio.sleep(seconds))
        happened = await _ledger(session, address, len(first))
        await asyncio.sleep(35)
    print_cost(f"{rate} events/s for {seconds} s", cost)
    lost = len(set(happened) - set(heard))
    repeated = len(heard) - len(set(heard))
    print(
        f"{len(happened)} events, CPU share {cost.cpu_seconds / cost.seconds:.0%},"
        f" lost {lost}, repeated {repeated}"
    )


async def _follow(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    runtime = await set_up(hass, entry)
    await until(runtime, lambda: runtime.channels.mode is Mode.PUSH)
    await hass.async_block_till_done()


async def _ledger(session: ClientSession, address: str, after: int) -> list[str]:
    """Return the ids of what has happened at the site, in pages."""
    ids: list[str] = []
    while True:
        url = f"{address}/simulator/ledger?after={after + len(ids)}"
        async with session.get(url) as response:
            found = (await response.json())["array"]
        if not found:
            return ids
        ids.extend(row["id"] for row in found)


def print_cost(name: str, cost: Cost) -> None:
    """Print a line about a piece of work."""
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
    """Return how much memory this process has at the moment."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024**2


@asynccontextmanager
async def other_process(cameras: int, scenario: str) -> AsyncIterator[tuple[str, str]]:
    """Run the simulator elsewhere, or its work would count as ours."""
    address = f"http://127.0.0.1:{PORT}"
    command = ["-m", "xprotect_simulator", f"--port={PORT}", f"--cameras={cameras}"]
    # Another port is another site, unless the seed says which one it is.
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
    """Measure a calm site, then a busy one."""
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
    parser.add_argument("--bare", type=int, help="the floor for so many entities only")
    arguments = parser.parse_args()
    if arguments.bare:
        asyncio.run(bare_costs(arguments.bare))
        return
    asyncio.run(measure(arguments.cameras, arguments.rate, arguments.seconds))


if __name__ == "__main__":
    main()
