"""Catching up on a million missed events: duration, memory, and event loop delays.

The server is a separate process. It has stored the events in the last day, while the
integration was stopped. It is also checked that none is lost or repeated.

    python -m benchmarks.backlog --events 1000000

With `--taken` a recorder and an automation process each event. The floor is Home
Assistant alone, in a separate process: the same number of events of the same size, the
same automation and recorder, and the same waits after each portion.
"""

import argparse
import asyncio
from datetime import timedelta
from pathlib import Path
import resource
import sys
from tempfile import TemporaryDirectory
from uuid import uuid4

from homeassistant.core import HomeAssistant
from homeassistant.helpers import recorder
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from benchmarks.home_assistant import entry_at, home_assistant, set_up
from benchmarks.site import cost_of, megabytes, other_process, print_cost
from benchmarks.soak import Received
from benchmarks.soak_witness import Ids
from custom_components.xprotect_events.const import EVENT_MISSED
from custom_components.xprotect_events.cursor_store import CursorStore
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.engine.feed import Feed
from custom_components.xprotect_events.engine.intake import MANY_AT_ONCE
from custom_components.xprotect_events.pace import Pace

CAMERAS = 50
HOURS = 25
# Seconds for all events to be taken.
PATIENCE = 3600
# The data of a simulated event on the bus, without its ids.
BARE = {
    "entry_id": "01KBA2Q0X5JT2P5B5K1M6J3V7A",
    "device_id": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "type": "Motion Started",
    "type_id": "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77",
    "source": "cameras/e028f597-0000-4000-8000-000000000000",
    "source_type": "cameras",
    "source_name": "Front door",
    "time": "2026-11-30T12:00:00.0000000Z",
    "state_group": "Motion",
    "state": "Motion Started",
    "tag": None,
    "datatype": "none",
    "data": None,
    "missed": True,
    "origin": "xprotect",
}


async def store_old_position(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Store a position from before the events, as an earlier run would have."""
    position = Checkpoint.beginning(dt_util.utcnow() - timedelta(hours=HOURS))
    await CursorStore(hass, entry.entry_id).save(Feed(position))


async def record_and_count(hass: HomeAssistant, folder: Path) -> None:
    """Start a recorder, and an automation that counts missed events."""
    recorder.async_initialize_recorder(hass)
    config = {
        "recorder": {"db_url": f"sqlite:///{folder / 'recorder.db'}"},
        "counter": {"missed": {}},
        "automation": {
            "alias": "Count",
            "mode": "parallel",
            "max": 1000,
            "max_exceeded": "silent",
            "triggers": {"trigger": "event", "event_type": EVENT_MISSED},
            "actions": {
                "action": "counter.increment",
                "target": {"entity_id": "counter.missed"},
            },
        },
    }
    for component in config:
        if not await async_setup_component(hass, component, config):
            raise SystemExit(f"{component} could not be set up")
    await hass.async_block_till_done()


async def fire_bare(hass: HomeAssistant, events: int) -> None:
    """Fire the same number of events without the integration, with the same waits."""
    pace = Pace(hass, MockConfigEntry())
    for begin in range(0, events, MANY_AT_ONCE):
        for number in range(begin, min(begin + MANY_AT_ONCE, events)):
            ids = {"event_id": str(uuid4()), "local_id": number}
            hass.bus.async_fire(EVENT_MISSED, BARE | ids)
        await pace(PATIENCE)


async def measure_bare(events: int) -> None:
    """Print the cost of the same number of events fired by Home Assistant alone."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with home_assistant(folder) as hass:
            await record_and_count(hass, folder)
            before = megabytes()
            cost = await cost_of(lambda: fire_bare(hass, events))
    print_cost("floor: as many bare ones", cost)
    print(f"memory at most {peak() - before:.0f} MB more than {before:.0f} before")


def peak() -> float:
    """Return the peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(events: int, *, is_taken: bool) -> None:
    """Print the cost of catching up."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            other_process(CAMERAS, f"history:{events}") as (address, site_id),
            home_assistant(folder) as hass,
        ):
            with (folder / "received").open("w+b") as file:
                received = Received(hass, Ids(file))
                entry = entry_at(
                    address, site_id, delivery="poll", catch_up_hours=2 * HOURS
                )
                await store_old_position(hass, entry)
                if is_taken:
                    await record_and_count(hass, folder)
                before = megabytes()
                cost = await cost_of(lambda: set_up(hass, entry, patience=PATIENCE))
                # Measured before the ids are counted, which needs much more memory.
                most = peak()
                print_cost(f"catching up on {events} events", cost)
                if is_taken:
                    backlog = recorder.get_instance(hass).backlog
                    print(f"{backlog} items before the recorder at the end")
                ids = received.ids()
    print(
        f"{events / cost.seconds:.0f} events a second, memory at most"
        f" {most - before:.0f} MB more than {before:.0f} before,"
        f" lost {events - len(ids)}, repeated {ids.total() - len(ids)},"
        f" live {received.count - received.missed}"
    )


async def other_run(*options: str) -> None:
    """Run this benchmark in a process of its own."""
    command = ("-m", "benchmarks.backlog", *options)
    process = await asyncio.create_subprocess_exec(sys.executable, *command)
    await process.wait()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument(
        "--taken",
        action="store_true",
        help="with a recorder and an automation that counts missed events",
    )
    parser.add_argument("--bare", action="store_true", help="only the floor of --taken")
    arguments = parser.parse_args()
    if arguments.bare:
        asyncio.run(measure_bare(arguments.events))
        return
    asyncio.run(measure(arguments.events, is_taken=arguments.taken))
    if arguments.taken:
        # In a separate process, because memory is not given back.
        asyncio.run(other_run("--bare", f"--events={arguments.events}"))


if __name__ == "__main__":
    main()
