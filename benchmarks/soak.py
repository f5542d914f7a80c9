"""Many faults within minutes: lost and repeated events, wrong states, and memory.

A real Home Assistant core uses real sockets to a server in a separate process, which
has one fault after the other. The integration is reloaded meanwhile.

    python -m benchmarks.soak --minutes 10 --seed 1
    python -m benchmarks.soak --minutes 10 --seed 1 --delivery poll

With PYTHONMALLOC=malloc in the environment all objects are in the C library's heap,
whose figures then show exactly how much memory is in use.
"""

import argparse
import asyncio
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
import json
from pathlib import Path
import random
import sys
from tempfile import TemporaryDirectory

from homeassistant.core import Event, HomeAssistant, callback

from benchmarks.heap import Memory, release_memory
from benchmarks.home_assistant import entry_at, home_assistant, set_up
from benchmarks.site import megabytes
from benchmarks.soak_witness import Ids, Truth, Witness
from custom_components.xprotect_events.const import EVENT_LIVE, EVENT_MISSED

# The average time between two reloads, in seconds.
RELOAD_AFTER = 90.0
MINUTE = 60.0
# Seconds for all events to arrive after the last fault: the longest wait between two
# attempts, and the renewal of a session, which finds events stored with a delay.
PATIENCE = 400.0
ATTEMPTS = 80
# Seconds for repeated events, which would arrive with the next polls.
TAIL = 40.0
# Seconds between two comparisons of the states.
ASK_AFTER = 5.0


class Received:
    """Notes the events that arrive."""

    def __init__(self, hass: HomeAssistant, ids: Ids) -> None:
        self._ids = ids
        self.count = 0
        self.missed = 0
        hass.bus.async_listen(EVENT_LIVE, self._note)
        hass.bus.async_listen(EVENT_MISSED, self._note)

    def ids(self) -> Counter[str]:
        """Return how often each event arrived."""
        return self._ids.counted()

    @callback
    def _note(self, event: Event) -> None:
        self._ids.add(event.data["event_id"])
        self.count += 1
        self.missed += event.event_type == EVENT_MISSED


class ServerProcess:
    """The server in a separate process."""

    def __init__(self, process: Process, ledger: Path) -> None:
        if process.stdin is None or process.stdout is None:
            raise TypeError("The process has no pipes")
        self._orders, self._told = process.stdin, process.stdout
        self._ledger = ledger
        self.address = self.site_id = ""
        self.troubles: Counter[str] = Counter()
        self.is_over = asyncio.Event()
        self._truths: asyncio.Queue[Truth] = asyncio.Queue()

    async def start(self) -> None:
        """Wait until it listens."""
        async for line in self._told:
            facts = json.loads(line)
            if "url" in facts:
                self.address, self.site_id = facts["url"], facts["site"]
                return
        raise SystemExit("The server did not start")

    async def make_trouble(self) -> None:
        """Start the faults, count them, and take answers, until cancelled."""
        self._orders.write(b"go\n")
        async for line in self._told:
            facts = json.loads(line)
            if "trouble" in facts:
                self.troubles[facts["trouble"].partition(":")[0]] += 1
            elif "states" in facts:
                self._truths.put_nowait(Truth(**facts))
            else:
                self.is_over.set()

    async def truth(self) -> Truth:
        """Return the true states of the server."""
        self._orders.write(b"states\n")
        return await self._truths.get()

    def happened(self) -> tuple[Counter[str], Counter[str]]:
        """Return all stored events, and those that must arrive."""
        facts = json.loads(self._ledger.read_text(encoding="ascii"))
        stored = Counter(facts["stored"])
        return stored, stored - Counter(facts["unpromised"])


@asynccontextmanager
async def server(
    folder: Path, *, minutes: float, seed: int, rate: float
) -> AsyncIterator[ServerProcess]:
    """Run the server until the block ends."""
    ledger = folder / "ledger.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.soak_server"),
        *("--seconds", str(minutes * MINUTE), "--seed", str(seed)),
        *("--rate", str(rate), "--ledger", str(ledger)),
        stdin=PIPE,
        stdout=PIPE,
    )
    try:
        running = ServerProcess(process, ledger)
        await running.start()
        yield running
    finally:
        process.terminate()
        await process.wait()


async def reload_now_and_then(
    hass: HomeAssistant, entry_id: str, seed: int, is_over: asyncio.Event
) -> None:
    """Reload the integration at random moments.

    The last reload is not cancelled, because a cancelled one leaves the integration
    unloaded.
    """
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(chance.expovariate(1 / RELOAD_AFTER)):
                await is_over.wait()
                return
        await hass.config_entries.async_reload(entry_id)


async def compare_now_and_then(running: ServerProcess, witness: Witness) -> None:
    """Compare the states with those of the server until the faults are over."""
    while not running.is_over.is_set():
        await asyncio.sleep(ASK_AFTER)
        witness.compare(await running.truth())


async def print_each_minute(received: Received, running: ServerProcess) -> list[Memory]:
    """Print a line per minute until the faults end; return the memory at each."""
    memory: list[Memory] = []
    while not running.is_over.is_set():
        memory.append(Memory.now())
        print(
            f"minute {len(memory) - 1:3}: {received.count:7} events,"
            f" {received.missed:6} missed, {running.troubles.total():4} troubles,"
            f" {memory[-1]}",
            flush=True,
        )
        try:
            async with asyncio.timeout(MINUTE):
                await running.is_over.wait()
        except TimeoutError:
            continue
    return [*memory, Memory.now()]


async def everything_arrives(
    received: Received, expected: Counter[str]
) -> Counter[str]:
    """Wait until no event is missing, and for repeats; return the arrived events."""
    for _ in range(ATTEMPTS):
        if not expected - received.ids():
            break
        await asyncio.sleep(PATIENCE / ATTEMPTS)
    await asyncio.sleep(TAIL)
    return received.ids()


async def soak(options: argparse.Namespace) -> bool:
    """Return whether nothing was lost, repeated or wrong."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        about = {"minutes": options.minutes, "seed": options.seed}
        with (
            (folder / "received").open("w+b") as received_ids,
            (folder / "shown").open("w+b") as shown_ids,
        ):
            async with (
                server(folder, rate=options.rate, **about) as running,
                home_assistant(folder) as hass,
                asyncio.TaskGroup() as group,
            ):
                received = Received(hass, Ids(received_ids))
                witness = Witness(hass, running.site_id, Ids(shown_ids))
                entry = entry_at(
                    running.address, running.site_id, delivery=options.delivery
                )
                await set_up(hass, entry)
                reloading = group.create_task(
                    reload_now_and_then(
                        hass, entry.entry_id, options.seed, running.is_over
                    )
                )
                troubles = group.create_task(running.make_trouble())
                comparing = group.create_task(compare_now_and_then(running, witness))
                memory = await print_each_minute(received, running)
                await reloading
                await comparing
                stored, expected = running.happened()
                came = await everything_arrives(received, expected)
                witness.compare_at_last(await running.truth(), options.delivery)
                troubles.cancel()
    return report(running, received, expected - came, came - stored, witness, memory)


def report(
    running: ServerProcess,
    received: Received,
    lost: Counter[str],
    repeated: Counter[str],
    witness: Witness,
    memory: list[Memory],
) -> bool:
    """Print the result, and return whether it is good."""
    for trouble, count in sorted(running.troubles.items()):
        print(f"  {count:4} {trouble}")
    half, last = memory[len(memory) // 2], memory[-1]
    print(
        f"{received.count} events, {running.troubles.total()} troubles,"
        f" lost {lost.total()}, repeated {repeated.total()}, missed {received.missed},"
        f" wrong states {len(witness.wrong)} of {witness.compared} compared,"
        f" events not shown {witness.unshown} of {witness.live},"
        f" shown again {witness.shown_again};"
        f" {last}, in the second half {last.in_use - half.in_use:+.1f} MB of the heap,"
        f" {last.blocks - half.blocks:+} blocks"
    )
    release_memory()
    print(f"what is kept for later given back: {megabytes():.1f} MB")
    is_shown = not (witness.wrong or witness.unshown or witness.shown_again)
    return is_shown and not lost and not repeated


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=40, help="events a second")
    parser.add_argument("--delivery", choices=("auto", "poll"), default="auto")
    if not asyncio.run(soak(parser.parse_args())):
        raise SystemExit("Something was lost, repeated or wrong")


if __name__ == "__main__":
    main()
