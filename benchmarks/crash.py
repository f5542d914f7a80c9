"""Lost and repeated events of an automation while Home Assistant is killed repeatedly.

An automation on both bus events writes the id of each event to Home Assistant's log.
Events happen all the time. After a kill, only events of the last five seconds may be
repeated; after an orderly stop, none.

    scripts/setup demo
    .venv-demo/bin/python -m benchmarks.crash --runs 12 --seed 1
"""

import argparse
import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
import random
import re
import socket
from tempfile import TemporaryDirectory

import aiohttp

from demo import config_folder, entry
from demo.home_assistant import HomeAssistant
from demo.servers import run_home_assistant, run_simulator
from demo.settings import HOST, Settings

_AUTOMATION = """
automation counting:
  - id: count
    alias: Count
    mode: parallel
    max: 100000
    triggers:
      - trigger: event
        event_type: [xprotect_events_event, xprotect_events_missed_event]
    actions:
      - action: system_log.write
        data:
          message: "{{ trigger.event.data.event_id }}"
          logger: seen
          level: warning
"""
_SEEN = re.compile(r"^(\S+ \S+) WARNING .*\[seen\] ([0-9a-f-]{36})", re.MULTILINE)
_MOTION_STARTED = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"
# Events of this time before a kill may be repeated: the position is written five
# seconds after a change, and later on a busy machine.
_REPEATABLE = timedelta(seconds=6)
# The shortest run in seconds; some runs end while Home Assistant starts.
_SHORTEST = 4.0
# Seconds for the last run to deliver all remaining events.
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of Home Assistant: the events of its automation, and its end."""

    seen: tuple[tuple[datetime, str], ...]
    ended: datetime
    was_killed: bool

    @property
    def unrepeatable(self) -> set[str]:
        """The ids that no later run may repeat."""
        since = self.ended - _REPEATABLE
        return {
            event_id for at, event_id in self.seen if not self.was_killed or at < since
        }


def read_run(log: Path, *, was_killed: bool) -> Run:
    """Read the events of the automation from the log."""
    ended = datetime.now().astimezone()
    text = log.read_text(encoding="utf-8", errors="replace")
    return Run(
        seen=tuple(
            (datetime.fromisoformat(at), one) for at, one in _SEEN.findall(text)
        ),
        ended=ended,
        was_killed=was_killed,
    )


class MovingSite:
    """The simulated site, with motion all the time."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = f"{address}/simulator"

    async def move(self, rate: float) -> None:
        """Create events until cancelled."""
        body = {"type": _MOTION_STARTED}
        while True:
            async with self._session.post(f"{self._address}/events", json=body) as one:
                one.raise_for_status()
            await asyncio.sleep(1 / rate)

    async def ledger(self) -> Counter[str]:
        """Return the ids of all events."""
        ids: list[str] = []
        while True:
            url = f"{self._address}/ledger?after={len(ids)}"
            async with self._session.get(url) as answer:
                found = (await answer.json())["array"]
            if not found:
                return Counter(ids)
            ids.extend(row["id"] for row in found)


async def first_run(session: aiohttp.ClientSession, settings: Settings) -> None:
    """Set the integration up by its form, like a user."""
    async with run_home_assistant(settings):
        person = HomeAssistant(session, settings)
        await person.wait_until_it_answers()
        await person.sign_in()
        await person.wait_until_it_runs()
        site_id = await entry.read_site_id(session, settings)
        await entry.set_up(person, site_id, settings.answers)


async def run_for(settings: Settings, seconds: float, *, kill: bool) -> Run:
    """Run Home Assistant for some seconds, and kill or stop it."""
    async with run_home_assistant(settings) as program:
        await asyncio.sleep(seconds)
        if kill:
            program.process.kill()
            await program.process.wait()
    return read_run(program.log, was_killed=kill)


async def last_run(settings: Settings, missing: Counter[str]) -> Run:
    """Run Home Assistant until no event is missing."""
    async with run_home_assistant(settings) as program:
        for _ in range(round(_PATIENCE)):
            await asyncio.sleep(1)
            run = read_run(program.log, was_killed=False)
            if not missing - Counter(one for _, one in run.seen):
                break
        # Repeated events would arrive with the next polls.
        await asyncio.sleep(5)
    return read_run(program.log, was_killed=False)


def prepare(folder: Path) -> Settings:
    """Write the configuration of a Home Assistant with the automation."""
    settings = Settings(
        port=free_port(),
        simulator_port=free_port(),
        # Events before the set-up of the integration are not delivered.
        simulator_arguments=("--scenario", "quiet"),
        folder=folder,
    )
    config_folder.write(settings)
    with (settings.config / "configuration.yaml").open("a") as file:
        file.write(_AUTOMATION)
    return settings


async def crash(settings: Settings, options: argparse.Namespace) -> bool:
    """Start and end Home Assistant repeatedly; return whether no event was lost."""
    chance = random.Random(options.seed)  # noqa: S311 - repeatable, not secret
    lives: list[Run] = []
    async with run_simulator(settings) as simulator, aiohttp.ClientSession() as web:
        await simulator.answers(settings.simulator_port)
        await first_run(web, settings)
        site = MovingSite(web, settings.simulator_address)
        moving = asyncio.create_task(site.move(options.rate))
        for number in range(options.runs):
            seconds = chance.uniform(_SHORTEST, options.longest)
            kill = chance.random() < 3 / 4
            lives.append(await run_for(settings, seconds, kill=kill))
            print(
                f"run {number + 1:2}: {seconds:4.1f} s, {len(lives[-1].seen):4} seen,"
                f" {'killed' if kill else 'stopped'}",
                flush=True,
            )
        moving.cancel()
        happened = await site.ledger()
        lives.append(await last_run(settings, happened - seen_in(lives)))
    return report(lives, happened)


def seen_in(lives: list[Run]) -> Counter[str]:
    """Return how often each event was seen."""
    return Counter(event_id for run in lives for _, event_id in run.seen)


def report(lives: list[Run], happened: Counter[str]) -> bool:
    """Print the result, and return whether it is good."""
    seen = seen_in(lives)
    lost, repeated = happened - seen, seen - happened
    unexcused: set[str] = set()
    for number, run in enumerate(lives):
        later = seen_in(lives[number + 1 :])
        within = Counter(event_id for _, event_id in run.seen)
        unexcused |= {one for one in run.unrepeatable if later[one] or within[one] > 1}
    kills = sum(run.was_killed for run in lives)
    print(
        f"{happened.total()} events, {kills} kills, {len(lives) - kills} stops,"
        f" lost {lost.total()}, seen again {repeated.total()},"
        f" of these from more than {_REPEATABLE.total_seconds():.0f} s before a kill,"
        f" or after a stop: {len(unexcused)}"
    )
    return not lost and not unexcused


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=10, help="events a second")
    parser.add_argument(
        "--longest", type=float, default=30, help="seconds of a run, start included"
    )
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        if not asyncio.run(crash(prepare(Path(name)), options)):
            raise SystemExit("An automation has lost or repeated events")


if __name__ == "__main__":
    main()
