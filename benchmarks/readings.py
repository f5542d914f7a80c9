"""Requests for the lists of a site while its configuration changes all the time.

Two cameras, and an event *System configuration changed* every two seconds. Requests for
events, for tokens and for the WebSocket are not counted. `--old` is the tree of another
build, which is measured at the same time, for example of

    git worktree add ../old 843e99b
    python -m benchmarks.readings --old ../old
"""

import argparse
import asyncio
from pathlib import Path
import sys

from benchmarks.home_assistant import entry_for, home_assistant, set_up
from xprotect_simulator import Options, Simulator, event_ids

# Seconds between two changes.
EVERY = 2.0
# Paths that are no lists of the site.
OTHERS = ("/api/rest/v1/events", "/api/ws", "/idp", "/api/idp")


async def measure(minutes: float, name: str) -> None:
    """Print the requests of so many minutes of changes."""
    options = Options(cameras=2, scenario="quiet")
    async with Simulator(options) as simulator, home_assistant() as hass:
        await set_up(hass, entry_for(simulator))
        simulator.requests.clear()
        changes = round(minutes * 60 / EVERY)
        for _ in range(changes):
            simulator.world.emit(event_ids.CONFIGURATION_CHANGED, simulator.world.site)
            await asyncio.sleep(EVERY)
        lists = [
            request.path.lower()
            for request in simulator.requests
            if not request.path.lower().startswith(OTHERS)
        ]
    times = lists.count("/api/rest/v1/cameras")
    print(
        f"{name}: {changes} changes in {minutes:g} minutes, {len(lists)} requests, the"
        f" list of cameras {times} times",
        flush=True,
    )


async def measure_other(tree: Path, source: str, minutes: float) -> None:
    """Run this program on the modules of another build."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        source,
        f"--minutes={minutes}",
        "--name=old build",
        cwd=tree,
    )
    await process.wait()


async def compare(source: str, minutes: float, name: str, old: Path | None) -> None:
    """Measure this build, and the other one meanwhile."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(measure(minutes, name))
        if old:
            tasks.create_task(measure_other(old, source, minutes))


def main() -> None:
    """Print the figures of one build, or of two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--name", default="this build", help=argparse.SUPPRESS)
    parser.add_argument("--old", type=Path, help="the tree of another build")
    arguments = parser.parse_args()
    # The other build has this program as text, and no file of it.
    source = "" if arguments.old is None else Path(__file__).read_text(encoding="utf-8")
    asyncio.run(compare(source, arguments.minutes, arguments.name, arguments.old))


if __name__ == "__main__":
    main()
