"""The cost of ten viewers of cameras for Home Assistant: CPU seconds.

A real Home Assistant and the simulator run as programs. Ten viewers connect by the
WebSocket of Home Assistant, as its frontend does, and receive real video, each of the
cameras in turn. Periods with and without viewers alternate. A period begins before the
viewers connect and ends after they have left.

    .venv/bin/python -m benchmarks.live_view --seconds 120 --rounds 3
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
import os
from pathlib import Path
import socket
from statistics import mean
from tempfile import TemporaryDirectory
from typing import NamedTuple

import aiohttp

from demo import config_folder
from demo.entry import ALL_ON, choose, set_up
from demo.home_assistant import HomeAssistant
from demo.servers import run_home_assistant, run_simulator
from demo.settings import HOST, REPOSITORY, Settings
from tests.video.viewer import Viewer
from xprotect_simulator.identifiers import guid_of

SEED = 1
# More CPU seconds in 120 s with the viewers than without.
TARGET = 1.2
TARGET_SECONDS = 120
# Seconds until a start and the first readings no longer count.
SETTLE = 30.0


class House(NamedTuple):
    """The running programs."""

    home_assistant: HomeAssistant
    pid: int
    cameras: list[str]
    session: aiohttp.ClientSession
    simulator: str


async def measure(programs: Path, seconds: float, rounds: int, viewers: int) -> None:
    """Print the CPU seconds of each period, and the cost of the viewers."""
    with TemporaryDirectory() as folder:
        async with living(programs, Path(folder)) as house:
            await asyncio.sleep(SETTLE)
            before = (await read(house, "sign-ins"))["count"]
            without: list[float] = []
            with_viewers: list[float] = []
            for number in range(rounds):
                without.append(await period(house, seconds, viewers=0))
                with_viewers.append(await period(house, seconds, viewers=viewers))
                print(
                    f"round {number + 1}: without {without[-1]:.2f} s,"
                    f" with {viewers} viewers {with_viewers[-1]:.2f} s",
                    flush=True,
                )
            sign_ins = (await read(house, "sign-ins"))["count"] - before
            opened = (await read(house, "video"))["opened"]
    more = mean(with_viewers) - mean(without)
    allowed = TARGET * seconds / TARGET_SECONDS
    print(f"{viewers} viewers cost {more:.2f} s of CPU in {seconds:.0f} s")
    print(f"target: at most {allowed:.2f} s ({TARGET} s in {TARGET_SECONDS} s)")
    print(f"views opened: {opened}; sign-ins with the password meanwhile: {sign_ins}")


async def period(house: House, seconds: float, *, viewers: int) -> float:
    """Wait with this number of viewers; return Home Assistant's CPU seconds."""
    before = cpu_seconds(house.pid)
    async with asyncio.timeout(10 * seconds), AsyncExitStack() as looking:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        people = [
            await looking.enter_async_context(
                viewer(house, house.cameras[number % len(house.cameras)])
            )
            for number in range(viewers)
        ]
        pictures = [await one.picture() for one in people]
        await asyncio.sleep(end - loop.time())
        still = [await one.picture() for one in people]
    for first, last in zip(pictures, still, strict=True):
        if (last.pts or 0) <= (first.pts or 0):
            raise SystemExit("A picture stands still")
    return cpu_seconds(house.pid) - before


@asynccontextmanager
async def viewer(house: House, entity_id: str) -> AsyncIterator[Viewer]:
    """Watch a camera until the context ends."""
    async with house.home_assistant.connected() as page, Viewer() as person:
        offer = await person.offer()
        command = {"type": "camera/webrtc/offer", "entity_id": entity_id}
        await page.send_json({"id": 1, **command, "offer": offer})
        async for message in page:
            reply = message.json()
            event = reply.get("event", {})
            if event.get("type") == "error":
                raise SystemExit(event["message"])
            if event.get("type") == "answer":
                await person.answer(event["answer"])
                break
        reading = asyncio.create_task(read_all(page))
        try:
            yield person
        finally:
            reading.cancel()


async def read_all(page: aiohttp.ClientWebSocketResponse) -> None:
    """Take the messages after the first, as a page does."""
    async for _ in page:
        pass


async def read(house: House, what: str) -> dict[str, int]:
    """Read from the control interface of the simulator."""
    async with house.session.get(f"{house.simulator}/simulator/{what}") as answer:
        counts: dict[str, int] = await answer.json()
    return counts


@asynccontextmanager
async def living(programs: Path, folder: Path) -> AsyncIterator[House]:
    """Start both programs and set the integration up."""
    settings = Settings(
        port=free_port(),
        simulator_port=free_port(),
        simulator_arguments=("--scenario", "still", "--seed", str(SEED)),
        folder=folder,
        programs=programs,
    )
    config_folder.write(settings)
    async with (
        run_simulator(settings) as simulator,
        run_home_assistant(settings) as program,
        aiohttp.ClientSession() as session,
    ):
        await simulator.answers(settings.simulator_port)
        home_assistant = HomeAssistant(session, settings)
        await home_assistant.wait_until_it_answers()
        await home_assistant.sign_in()
        await home_assistant.wait_until_it_runs()
        site_id = guid_of(SEED, "site")
        entry_id = await set_up(home_assistant, site_id, settings.answers)
        await choose(home_assistant, entry_id, ALL_ON)
        entities = await home_assistant.entities(entry_id)
        cameras = [one.entity_id for one in entities if one.key == "camera"]
        parts = (cameras, session, settings.simulator_address)
        yield House(home_assistant, program.process.pid, *parts)


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process since its start."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=TARGET_SECONDS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--viewers", type=int, default=10)
    parser.add_argument(
        "--programs",
        type=Path,
        default=REPOSITORY / ".venv-demo/bin",
        help="where hass is; scripts/demo makes this environment",
    )
    options = parser.parse_args()
    asyncio.run(
        measure(options.programs, options.seconds, options.rounds, options.viewers)
    )


if __name__ == "__main__":
    main()
