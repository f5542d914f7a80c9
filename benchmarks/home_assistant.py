"""A real Home Assistant with the integration, against a simulated site."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import logging
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from typing import NamedTuple

from aiohttp.resolver import ThreadedResolver
from homeassistant import loader
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

# The test plugin has a package of the same name; ours has to be imported first.
import custom_components  # noqa: F401 - see above
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.runtime import XProtectRuntime
from xprotect_simulator import Simulator


class ServerPipes(NamedTuple):
    """The input and the output of a server in another process."""

    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader


@asynccontextmanager
async def home_assistant(config: Path | None = None) -> AsyncIterator[HomeAssistant]:
    """Run an empty Home Assistant that finds our integration.

    What it stores goes to `config`, by default to a folder that is deleted at the end:
    the next one would load all devices and entities of this one.
    """
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=str(config or folder)) as hass:
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
            # Home Assistant's own resolver listens on the network for local names.
            hass.data["aiohttp_resolver"] = ThreadedResolver()
            try:
                yield hass
            finally:
                await hass.async_stop(force=True)


def entry_for(simulator: Simulator, **options: object) -> MockConfigEntry:
    """Describe a simulated site as a config entry."""
    return entry_at(simulator.url, simulator.world.site.id, **options)


def entry_at(address: str, site_id: str, **options: object) -> MockConfigEntry:
    """Describe a site with the simulator's usual user as a config entry."""
    return MockConfigEntry(
        domain=DOMAIN,
        unique_id=site_id,
        data={
            "url": address,
            "authentication": "basic",
            "username": "demo",
            "password": "demo",
            "verify_ssl": True,
        },
        options=options,
    )


@asynccontextmanager
async def server_process(
    module: str, *arguments: str
) -> AsyncIterator[tuple[str, str, ServerPipes]]:
    """Run a benchmark's server in another process, so that its cost does not count.

    It prints its address and the id of its site first, and ends with its input.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        cwd=Path(__file__).parents[1],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if process.stdin is None or process.stdout is None:
        raise SystemExit("The server has no pipes")
    address, site_id = (await process.stdout.readline()).decode().split()
    yield address, site_id, ServerPipes(process.stdin, process.stdout)
    process.stdin.close()
    await process.wait()


async def set_up(
    hass: HomeAssistant, entry: MockConfigEntry, *, patience: float = 60
) -> XProtectRuntime:
    """Set the integration up; events arrive when this returns."""
    entry.add_to_hass(hass)
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise SystemExit("The integration could not be set up")
    await hass.async_block_till_done()
    runtime = entry.runtime_data
    if not isinstance(runtime, XProtectRuntime):
        raise SystemExit("The integration has no runtime data")
    await until(runtime, lambda: runtime.channels.is_delivering, patience=patience)
    return runtime


async def until(
    runtime: XProtectRuntime, is_reached: Callable[[], bool], *, patience: float = 60
) -> None:
    """Wait for a mode, so many seconds at most."""
    changed = asyncio.Event()
    stop = runtime.channels.listen(changed.set)
    async with asyncio.timeout(patience):
        while not is_reached():
            await changed.wait()
            changed.clear()
    stop()
