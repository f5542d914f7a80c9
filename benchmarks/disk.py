"""Bytes and writes per day for the position on disk, for an old and the new build.

An hour of events goes through the feed and its store, in rounds of five simulated
seconds. `--old` is the tree of another build, for example of

    git worktree add ../old 843e99b
    python -m benchmarks.disk --old ../old

The bytes are those passed to `write()` and those that reached a disk, according to
/proc/self/io.
"""

import argparse
import asyncio
from datetime import UTC, datetime, timedelta
from importlib import import_module
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_test_home_assistant,
)

import custom_components  # noqa: F401 - before the test plugin's of that name

ROUND = 5
ROUNDS = 3600 // ROUND
ROUNDS_A_DAY = 86_400 // ROUND
PACKAGE = "custom_components.xprotect_events"
# The time of events before the measured hour.
WARM_UP = timedelta(minutes=20)


def written() -> tuple[int, int, int]:
    """Return bytes and calls of `write()` so far, and bytes that reached a disk."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    numbers = {name: int(value) for name, value in (one.split(": ") for one in lines)}
    return numbers["wchar"], numbers["syscw"], numbers["write_bytes"]


def event_at(time: datetime) -> Any:  # noqa: ANN401 - of either build
    """Return an event of that time."""
    event = import_module(f"{PACKAGE}.api").Event
    values = dict.fromkeys(event._fields) | {
        "id": str(uuid4()),
        "type_id": "type",
        "time": time,
        "time_text": time.isoformat(),
    }
    return event(**values)


async def measure(rate: float) -> None:
    """Print the cost of an hour with so many events per second, as a day."""
    feeds = import_module(f"{PACKAGE}.engine.feed")
    # The class had another name in the old build.
    checkpoint = feeds.Checkpoint if hasattr(feeds, "Checkpoint") else feeds.Position
    stores = import_module(f"{PACKAGE}.cursor_store")
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            feed = feeds.Feed(checkpoint.beginning(now))
            store = stores.CursorStore(hass, "benchmark")
            rounds = int(WARM_UP.total_seconds()) // ROUND
            await store.save(feed)
            before = written()
            due = 0.0
            for number in range(rounds + ROUNDS):
                if number == rounds:
                    before = written()
                now += timedelta(seconds=ROUND)
                due += rate * ROUND
                events = [event_at(now) for _ in range(int(due))]
                due -= len(events)
                feed.accept(events, now=now, polled_since=feed.window_start)
                feed.complete(now=now)
                store.schedule(feed)
                later = dt_util.utcnow() + timedelta(seconds=ROUND + 1)
                async_fire_time_changed(hass, later, fire_all=True)
                await hass.async_block_till_done()
            # As is done every hour, and at the stop.
            await store.save(feed)
            os.sync()
            cost = [after - old for after, old in zip(written(), before, strict=True)]
            await hass.async_stop(force=True)
    scale = ROUNDS_A_DAY / ROUNDS
    bytes_a_day, writes, reached = (one * scale for one in cost)
    print(
        f"{rate:5.1f} events/s: {bytes_a_day / 1e6:9.1f} MB in {writes:8.0f} writes a"
        f" day, {reached / 1e6:9.1f} MB reach a disk"
    )


async def measure_other(tree: Path, source: str) -> None:
    """Run this program on the modules of another build."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", source, cwd=tree
    )
    await process.wait()


def main() -> None:
    """Print the figures of one build, or of two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old", type=Path, help="the tree of another build")
    old = parser.parse_args().old
    for rate in (0.5, 22.0):
        asyncio.run(measure(rate))
    if old:
        print("old build:", flush=True)
        asyncio.run(measure_other(old, Path(__file__).read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
