"""The simulator as a command: `python -m xprotect_simulator`."""

import argparse
import asyncio
from collections.abc import Sequence
import contextlib
from pathlib import Path
import signal
import sys

from .errors import OptionError
from .faults import fault_table
from .options import Options
from .scenarios import scenarios
from .server import Simulator

_DEFAULT_PORT = 8765
_HIGHEST_PORT = 65535
_SCENARIO = "home"


def _seed(chosen: int | None, port: int) -> int:
    """Return the seed of the site, from which all its ids are computed."""
    if chosen is not None:
        return chosen
    return 1 if port in (0, _DEFAULT_PORT) else port


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m xprotect_simulator",
        description="Simulates a Milestone XProtect server over real sockets.",
        epilog=_epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", type=_port, default=_DEFAULT_PORT, help="port (%(default)s)")
    add("--username", default="demo", help="name of the basic user (%(default)s)")
    add("--password", default="demo", help="the user's password (%(default)s)")
    add("--administrator", action="store_true", help="make the user administrator")
    add("--windows-username", default="", help=r"a Windows user, DOMAIN\user (none)")
    add("--windows-password", default="", help="the Windows user's password")
    add("--tls", action="store_true", help="HTTPS with a certificate made at start")
    add("--tls-cert", type=Path, metavar="FILE", help="HTTPS with this certificate")
    add("--tls-key", type=Path, metavar="FILE", help="the key of --tls-cert")
    add("--recorders", type=int, metavar="N", help="number of recording servers")
    add(
        "--recorder-port",
        type=_port,
        default=0,
        metavar="N",
        help="port of the first recording server, others follow (free ports)",
    )
    add("--recorder-tls", action="store_true", help="recording servers with HTTPS")
    add("--cameras", type=int, default=6, metavar="N", help="size of the site (6)")
    add("--scenario", default=_SCENARIO, metavar="NAME", help="see below (home)")
    add(
        "--seed",
        type=int,
        help="makes site and scenario repeatable (1; on another port: the port, so"
        " that a second simulator is another site)",
    )
    add(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[:…]",
        help="switch on a fault of the server, see below; may be given repeatedly",
    )
    return parser


def _port(value: str) -> int:
    """Read a port, which may be 0 for a free one."""
    if value.isdecimal() and int(value) <= _HIGHEST_PORT:
        return int(value)
    raise argparse.ArgumentTypeError(
        f"{value} is not a port: choose a number from 0 to {_HIGHEST_PORT}"
    )


def _epilog() -> str:
    named = "\n".join(
        f"  {name:<7} {scenario.doc}" for name, scenario in scenarios.SCENARIOS.items()
    )
    return (
        f"scenarios, several at once with a +:\n{named}\n\n"
        "faults, NAME[:VALUE][:count=N][:path=PATTERN][:chance=P][:every=N]:\n"
        f"{fault_table.describe()}\n\n"
        'At run time: POST /simulator/faults with {"fault": "NAME:…"}, DELETE\n'
        "/simulator/faults/NAME. For the rest see the README of the package."
    )


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        host=arguments.host,
        port=arguments.port,
        username=arguments.username,
        password=arguments.password,
        is_administrator=arguments.administrator,
        windows_username=arguments.windows_username,
        windows_password=arguments.windows_password,
        tls=arguments.tls,
        tls_cert=arguments.tls_cert,
        tls_key=arguments.tls_key,
        cameras=arguments.cameras,
        recorders=arguments.recorders,
        recorder_port=arguments.recorder_port,
        recorder_tls=arguments.recorder_tls,
        scenario=arguments.scenario,
        seed=_seed(arguments.seed, arguments.port),
        faults=tuple(arguments.fault),
    )


async def _serve(options: Options) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with Simulator(options) as simulator:
        print(
            f"XProtect simulator: {simulator.url} (user {options.username}, "
            f"password {options.password}, {options.cameras} cameras, "
            f"scenario {options.scenario}, seed {options.seed})",
            flush=True,
        )
        await stopping.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; return the exit status."""
    options = _options(_parser().parse_args(arguments))
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(options))
    except OptionError as error:
        print(f"xprotect_simulator: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
