"""The command line of the demo. It must also run on Python 3.11, before the set-up."""

import argparse

_LAST_PORT = 65535


def parser(program: str = "scripts/demo") -> argparse.ArgumentParser:
    """Return the parser of the options of `scripts/demo` and `scripts/develop`."""
    options = argparse.ArgumentParser(
        prog=program,
        usage="%(prog)s [OPTION ...]",
        description="Start a simulated XProtect server and a Home Assistant that is"
        " connected to it. Ctrl-C ends both.",
        epilog="For scenarios and faults see python -m xprotect_simulator --help.",
    )
    add = options.add_argument
    add("--port", type=_port, default=8123, help="of Home Assistant (%(default)s)")
    add("--simulator-port", type=_port, default=8765, help="(%(default)s)")
    add("--scenario", default="home", metavar="NAME", help="what happens (home)")
    add("--cameras", type=_count, default=6, metavar="N", help="size of the site (6)")
    add("--fault", action="append", default=[], metavar="NAME[:…]", help="repeatable")
    add("--reset", action="store_true", help="delete everything of earlier starts")
    # Only for scripts/develop.
    add("--develop", action="store_true", help=argparse.SUPPRESS)
    return options


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _LAST_PORT:
        message = f"{text} is not a port: choose a number from 1 to {_LAST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal():
        message = f"{text} is not a number of cameras, such as 6"
        raise argparse.ArgumentTypeError(message)
    return int(text)
