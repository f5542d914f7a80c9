"""Catching up on a million missed events: duration, memory, and event loop delays.

The server is a separate process. It has stored the events in the last day, while the
integration was stopped. It is also checked that none is lost or repeated.

    python -m benchmarks.backlog --events 1000000
"""

import argparse
import asyncio
from datetime import timedelta
from pathlib import Path
import resource
from tempfile import TemporaryDirectory

from homeassistant.core import HomeAssistant
from homeassistant.helpers import recorder
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from benchmarks.home_assistant import entry_at, home_assistant, set_up
from benchmarks.site import cost_of, megabytes, other_process, print_cost
from benchmarks.soak import Heard
from benchmarks.soak_witness import Ids
from custom_components.xprotect_events.const import EVENT_MISSED
from custom_components.xprotect_events.cursor_store import CursorStore
from custom_components.xprotect_events.engine.feed import Checkpoint, Feed

CAMERAS = 50
HOURS = 25


async def away_for_a_day(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Store the position of an integration that was stopped before the events."""
    position = Checkpoint.beginning(dt_util.utcnow() - timedelta(hours=HOURS))
    await CursorStore(hass, entry.entry_id).save(Feed(position))


async def let_somebody_take(hass: HomeAssistant, folder: Path) -> None:
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


async def measure(events: int, *, is_taken: bool) -> None:
    """Print the cost of catching up."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            other_process(CAMERAS, f"history:{events}") as (address, site_id),
            home_assistant(folder) as hass,
        ):
            with (folder / "heard").open("w+b") as file:
                heard = Heard(hass, Ids(file))
                entry = entry_at(
                    address, site_id, delivery="poll", catch_up_hours=2 * HOURS
                )
                await away_for_a_day(hass, entry)
                if is_taken:
                    await let_somebody_take(hass, folder)
                before = megabytes()
                cost = await cost_of(lambda: set_up(hass, entry, patience=3600))
                # Before the ids are counted, which needs much more memory.
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                print_cost(f"catching up on {events} events", cost)
                if is_taken:
                    backlog = recorder.get_instance(hass).backlog
                    print(f"{backlog} items before the recorder at the end")
                ids = heard.ids()
    print(
        f"{events / cost.seconds:.0f} events a second, memory at most"
        f" {peak - before:.0f} MB more than {before:.0f} before,"
        f" lost {events - len(ids)}, repeated {ids.total() - len(ids)},"
        f" live {heard.count - heard.missed}"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument(
        "--taken",
        action="store_true",
        help="with a recorder and an automation that counts missed events",
    )
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.events, is_taken=arguments.taken))


if __name__ == "__main__":
    main()
