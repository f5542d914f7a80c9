"""How long Home Assistant's start waits for a site, with fast and with slow lists.

A site that was set up before is loaded from the lists of its last run. The time until
the entry is *loaded* is measured for the same site with fast lists and with one that
takes 40 s, in turn. The floor is the median with fast lists. The first set-up, which
must read the lists, is printed, too.

    python -m benchmarks.start --cameras 500 --rounds 5
"""

import argparse
import asyncio
from statistics import median
import time

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from benchmarks.home_assistant import entry_for, home_assistant
from xprotect_simulator import Options, Simulator

# Seconds that one list takes at a large site.
SLOW_LIST = 40
# The slow list: that of all hardware.
SLOW_FAULT = f"slow:{SLOW_LIST}:path=*/hardware"


async def measure(cameras: int, rounds: int) -> None:
    """Print the medians and their ratio."""
    async with (
        Simulator(Options(cameras=cameras, scenario="quiet")) as simulator,
        home_assistant() as hass,
    ):
        entry = entry_for(simulator)
        entry.add_to_hass(hass)
        first = await seconds_to_load(hass, entry)
        await hass.async_block_till_done()
        fast: list[float] = []
        slow: list[float] = []
        for _ in range(rounds):
            for times, is_slow in ((fast, False), (slow, True)):
                await hass.config_entries.async_unload(entry.entry_id)
                if is_slow:
                    simulator.faults.enable(SLOW_FAULT)
                times.append(await seconds_to_load(hass, entry))
                # The lists are read in the background, and no round waits for them.
                simulator.faults.clear()
        await hass.config_entries.async_unload(entry.entry_id)
    print(f"first set-up, lists read: {first:.2f} s")
    print(f"loaded, fast lists: median {median(fast):.2f} s of {rounds}")
    print(f"loaded, one list of {SLOW_LIST} s: median {median(slow):.2f} s")
    print(f"ratio {median(slow) / median(fast):.2f}")


async def seconds_to_load(hass: HomeAssistant, entry: MockConfigEntry) -> float:
    """Set the entry up and return how long Home Assistant's start waits for it."""
    began = time.perf_counter()
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise SystemExit("The integration could not be set up")
    return time.perf_counter() - began


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.cameras, arguments.rounds))


if __name__ == "__main__":
    main()
