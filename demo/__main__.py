"""The demo as a command; `scripts/demo` runs it in its environment."""

import argparse
import asyncio
from collections.abc import Sequence
import signal
import sys

from .errors import DemoError
from .options import parser
from .performance import perform
from .settings import Settings


def _settings(options: argparse.Namespace) -> Settings:
    passed_on = ["--scenario", options.scenario, "--cameras", str(options.cameras)]
    for fault in options.fault:
        passed_on += ["--fault", fault]
    return Settings(
        port=options.port,
        simulator_port=options.simulator_port,
        simulator_arguments=tuple(passed_on),
        reset=options.reset,
        develop=options.develop,
    )


async def _until_stopped(settings: Settings) -> None:
    """Run the demo; each signal cancels it, and a second one does not wait."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(perform(settings))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    await task


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C; return the exit status."""
    options = parser().parse_args(arguments)
    settings = _settings(options)
    try:
        asyncio.run(_until_stopped(settings))
    except asyncio.CancelledError, KeyboardInterrupt:
        print("Stopped.")
    except DemoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
