"""The additional cost of an event while pictures are on, but not viewed.

Two sites of one size in one Home Assistant, with and without pictures, take turns in
short rounds. The result is the median ratio of two neighbouring rounds, with quartiles:
other work of the machine affects both rounds. The site that was set up later is slower
by about half a percent, so pictures are on at the one for one half of the pairs, and at
the other for the other half. `--control` leaves pictures off at both, which shows the
error of the measurement.

    python -m benchmarks.pictures --pairs 200
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


async def compare(pairs: int, choice: str, place: int) -> list[float]:
    """Return the ratios of on to off, one for each pair of rounds.

    `choice` is the option *Pictures* of one of the two sites, and `place` says which:
    0 is set up before the other, 1 after it.
    """
    one, other = (
        Options(cameras=ACTIVE, seed=seed, recorder_port=0) for seed in (1, 2)
    )
    async with Simulator(one) as a, Simulator(other) as b, home_assistant() as hass:
        works = []
        for number, simulator in enumerate((a, b)):
            pictures = choice if number == place else "off"
            entry = entry_for(simulator, delivery="poll", pictures=pictures)
            works.append((simulator, await ours(hass, entry)))
        ratios = []
        for number in range(pairs + WARM_UP):
            figures = [0.0, 0.0]
            # The order may matter, so it changes with every pair.
            for at in (0, 1) if number % 2 else (1, 0):
                simulator, work = works[at]
                texts = frames(simulator, EVENTS, number + 1)
                figures[at] = await measure(work, texts)
                await hass.async_block_till_done()
            if number >= WARM_UP:
                ratios.append(figures[place] / figures[1 - place])
        if any(one.ledger.calls for one in (*a.recorders.all, *b.recorders.all)):
            raise SystemExit("A recorder was asked although nobody has looked")
        return ratios


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--control", action="store_true")
    arguments = parser.parse_args()
    choice = "off" if arguments.control else "recorders"
    half = arguments.pairs // 2
    ratios = [
        ratio for place in (0, 1) for ratio in asyncio.run(compare(half, choice, place))
    ]
    first, middle, third = quantiles(ratios, n=4)
    print("pairs  lower quartile  median  upper quartile")
    print(f"{len(ratios):5}  {first:14.3f}  {middle:6.3f}  {third:14.3f}")


if __name__ == "__main__":
    main()
