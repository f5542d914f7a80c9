"""Runs programs that end with the demo."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
import contextlib
from dataclasses import dataclass
import fcntl
import os
from pathlib import Path
import signal
import socket

from .errors import DemoError
from .settings import HOST

# Seconds. Home Assistant saves its states before it stops, usually within three. Less
# would lose them; with more, Ctrl-C would seem to have no effect.
_PATIENCE = 10.0

# Seconds; too short to be noticed.
_POLL_INTERVAL = 0.1

# Home Assistant's exit code when a restart was chosen in its settings.
RESTART = 100


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Lock a folder for this demo. Raises `DemoError` if another demo uses it."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DemoError(
            "A demo of this folder is running already: stop it, or start this one from"
            " another copy of the repository."
        ) from None
    else:
        yield
    finally:
        os.close(descriptor)


def require_interface() -> None:
    """Raise `DemoError` if this machine has only the loopback interface.

    Home Assistant then loads no integration with HTTP. No internet is needed.
    """
    states = {path.parent.name: path.read_text().strip() for path in _interfaces()}
    states.pop("lo", None)
    if "up" not in states.values() and "unknown" not in states.values():
        raise DemoError(
            "Home Assistant needs a network interface: connect this machine to any"
            " network, with or without internet, and start again."
        )


def _interfaces() -> Iterator[Path]:
    return Path("/sys/class/net").glob("*/operstate")


def require_free(port: int, option: str) -> None:
    """Raise `DemoError` if another program uses a port that the demo needs."""
    with socket.socket() as probe:
        # Like the servers: a port that was in use a moment ago counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise DemoError(
                f"Port {port} is taken: stop what listens there, or choose another"
                f" one with {option}."
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A running program whose output goes into a file."""

    name: str
    log: Path
    process: asyncio.subprocess.Process

    async def watch(self) -> None:
        """Return when the program requests a restart. Raises `DemoError` if it ends."""
        code = await self.process.wait()
        if code == RESTART:
            return
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        last = next((line.strip() for line in reversed(lines) if line.strip()), "-")
        raise DemoError(f"{self.name} ended with code {code} ({self.log}): {last}")

    async def follow(self) -> None:
        """Print the log of the program from now on."""
        with self.log.open(encoding="utf-8", errors="replace") as log:
            log.seek(0, os.SEEK_END)
            while True:
                print(log.read(), end="", flush=True)
                await asyncio.sleep(_POLL_INTERVAL)

    async def answers(self, port: int) -> None:
        """Wait until the program accepts connections."""
        while True:
            try:
                _, writer = await asyncio.open_connection(HOST, port)
            except OSError:
                await asyncio.sleep(_POLL_INTERVAL)
            else:
                writer.close()
                return

    async def stop(self) -> None:
        """Stop the program, and kill it if it does not stop in time."""
        try:
            if self.process.returncode is None:
                self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self.process.wait()
        finally:
            # Its child processes, too.
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


@contextlib.asynccontextmanager
async def running(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> AsyncIterator[Program]:
    """Run a program for as long as the context lasts."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
            cwd=cwd,
            # Ctrl-C must only reach the demo, which then stops the programs in order.
            start_new_session=True,
        )
    program = Program(name=name, log=log, process=process)
    try:
        yield program
    finally:
        await program.stop()
