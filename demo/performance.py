"""Runs the demo: starts both servers, connects them and shows the dashboard."""

import asyncio
from collections.abc import Coroutine, Sequence
import json
from pathlib import Path
import shutil
import sys
import time

import aiohttp

from . import config_folder, dashboard, entry
from .dashboard import Entity
from .errors import DemoError
from .home_assistant import HomeAssistant
from .processes import Program, alone_in, require_free, require_interface
from .servers import run_home_assistant, run_simulator
from .settings import Settings
from .watching import Watcher


async def perform(settings: Settings) -> None:
    """Start everything and keep it running until cancelled."""
    with alone_in(settings.folder):
        require_interface()
        require_free(settings.port, "--port")
        require_free(settings.simulator_port, "--simulator-port")
        if settings.reset:
            # The folder itself is locked, so it is not deleted.
            for path in settings.folder.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        config_folder.write(settings)
        await _perform(settings)


async def _perform(settings: Settings) -> None:
    try:
        async with (
            run_simulator(settings) as simulator,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(simulator.watch())
            _say("Starting the simulated XProtect server")
            await simulator.answers(settings.simulator_port)
            while True:
                await _perform_with_home_assistant(settings)
    except* DemoError as errors:
        raise _first(errors) from None


async def _perform_with_home_assistant(settings: Settings) -> None:
    """Run Home Assistant; return when a restart was chosen in its settings."""
    started = time.monotonic()
    async with (
        run_home_assistant(settings) as program,
        aiohttp.ClientSession() as session,
        asyncio.TaskGroup() as group,
    ):
        _say(f"Starting Home Assistant, its log is {program.log}")
        ending = group.create_task(program.watch())
        home_assistant = HomeAssistant(session, settings)
        watching = group.create_task(await _prepare(home_assistant, session, settings))
        _say(f"Ready after {time.monotonic() - started:.0f} s; Ctrl-C ends everything")
        _say(f"Address:  {settings.address}")
        _say(f"User:     {settings.username}")
        _say(f"Password: {settings.password}")
        if settings.develop:
            _say("Enter restarts Home Assistant")
            await _until_ended_or_entered(program, ending)
        else:
            await ending
        watching.cancel()


async def _until_ended_or_entered(program: Program, ending: asyncio.Task[None]) -> None:
    """Show the log until Home Assistant ends or Enter is pressed."""
    entered = asyncio.create_task(_enter())
    following = asyncio.create_task(program.follow())
    try:
        await asyncio.wait((ending, entered), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (ending, entered, following):
            task.cancel()


async def _enter() -> None:
    """Return when Enter is pressed; without a terminal, never."""
    pressed = asyncio.Event()
    loop = asyncio.get_running_loop()
    if sys.stdin.isatty():
        loop.add_reader(sys.stdin, pressed.set)
    try:
        await pressed.wait()
        sys.stdin.readline()
    finally:
        loop.remove_reader(sys.stdin)


async def _prepare(
    home_assistant: HomeAssistant, session: aiohttp.ClientSession, settings: Settings
) -> Coroutine[None, None, None]:
    """Set up a new Home Assistant like a user; return the task that shows figures."""
    await home_assistant.wait_until_it_answers()
    _say("Signing in")
    await home_assistant.sign_in()
    await home_assistant.wait_until_it_runs()
    _say("Setting up the integration")
    site_id = await entry.read_site_id(session, settings)
    entry_id = await entry.set_up(home_assistant, site_id, settings.answers)
    entities = await home_assistant.entities(entry_id)
    await lay_out(home_assistant, entities, settings.folder)
    return Watcher(home_assistant, session, settings, entry_id, entities).run()


async def lay_out(
    home_assistant: HomeAssistant, entities: Sequence[Entity], folder: Path
) -> None:
    """Create the dashboard, and make it the first page of Home Assistant.

    A dashboard that the user has changed is not overwritten.
    """
    (boards,) = await home_assistant.commands({"type": "lovelace/dashboards/list"})
    place = {"url_path": dashboard.URL_PATH}
    ours = folder / "dashboard.json"
    if not any(board["url_path"] == dashboard.URL_PATH for board in boards):
        await home_assistant.commands(dashboard.CREATE, dashboard.OPEN_FIRST)
    elif ours.is_file():
        (shown,) = await home_assistant.commands({"type": "lovelace/config"} | place)
        if shown != json.loads(ours.read_text(encoding="utf-8")):
            return
    config = dashboard.build(entities)
    save = {"type": "lovelace/config/save", "config": config} | place
    await home_assistant.commands(save)
    ours.write_text(json.dumps(config), encoding="utf-8")


def _first(errors: BaseExceptionGroup[DemoError]) -> BaseException:
    """Return the first error of a group, at any depth."""
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


def _say(text: str) -> None:
    print(text, flush=True)
