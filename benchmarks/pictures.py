"""The additional cost of an event while pictures are on, but not viewed.

Two sites of one size in one Home Assistant, with and without pictures, take turns in
short rounds. The result is the median ratio of two neighbouring rounds, with quartiles:
other work of the machine affects both rounds. `--control` leaves pictures off at both,
which shows how far the machine itself is from 1.

    python -m benchmarks.pictures --pairs 60
"""

import argparse
import asyncio
from statistics import quantiles

from benchmarks.delivery import ACTIVE, frames, measure, ours
from benchmarks.home_assistant import entry_for, home_assistant
from xprotect_simulator import Options, Simulator

# Events per round, so many that its first ones hardly count.
EVENTS = 1_000
# Rounds at the start that fill the caches and do not count.
WARM_UP = 4


async def compare(pairs: int, *, control: bool) -> list[float]:
    """Return the ratios of on to off, one for each pair of rounds."""
    one, other = (
        Options(cameras=ACTIVE, seed=seed, recorder_port=0) for seed in (1, 2)
    )
    async with (
        Simulator(one) as without,
        Simulator(other) as with_pictures,
        home_assistant() as hass,
    ):
        off = entry_for(without, delivery="poll")
        choice = "off" if control else "recorders"
        on = entry_for(with_pictures, delivery="poll", pictures=choice)
        works = []
        for simulator, entry in ((without, off), (with_pictures, on)):
            works.append((simulator, await ours(hass, entry)))
        ratios = []
        for number in range(pairs + WARM_UP):
            figures = []
            # The order may matter, so it changes with every pair.
            order = works if number % 2 else works[::-1]
            for simulator, work in order:
                texts = frames(simulator, EVENTS, number + 1)
                figures.append(await measure(work, texts))
                await hass.async_block_till_done()
            plain, richer = figures if number % 2 else figures[::-1]
            if number >= WARM_UP:
                ratios.append(richer / plain)
        calls = [one.ledger.calls for one in with_pictures.recorders.all]
        if any(calls):
            raise SystemExit("A recorder was asked although nobody has looked")
        return ratios


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--control", action="store_true")
    arguments = parser.parse_args()
    ratios = asyncio.run(compare(arguments.pairs, control=arguments.control))
    first, middle, third = quantiles(ratios, n=4)
    print("pairs  lower quartile  median  upper quartile")
    print(f"{len(ratios):5}  {first:14.3f}  {middle:6.3f}  {third:14.3f}")


if __name__ == "__main__":
    main()
