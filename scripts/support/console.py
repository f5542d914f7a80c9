"""Print messages, and run other programs quietly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
import os
from pathlib import Path
import subprocess
import sys
import time

# Variables of the caller's shell that affect a new interpreter, or keep it from storing
# byte code, without which Home Assistant starts three times slower.
_DISTURBING = (
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
)

_SIGNS_OF_NO_NETWORK = (
    "dns error",
    "error sending request",
    "failed to establish a new connection",
    "name resolution",
    "temporary failure",
    "failed to fetch",
    "could not resolve",
    "could not connect",
    "connection refused",
    "network is unreachable",
)


class ScriptError(Exception):
    """The script failed, for the reason in one sentence."""


def cache_folder() -> Path:
    """Return the folder for files that can be downloaded again."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "xprotect_events"


def say(text: str) -> None:
    """Print one line of progress without buffering."""
    print(text, flush=True)


def clean_environment(**extra: str) -> dict[str, str]:
    """Return the environment for child processes, without disturbing variables."""
    kept = {key: val for key, val in os.environ.items() if key not in _DISTURBING}
    return kept | extra


def run(
    command: Sequence[str | Path],
    purpose: str,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """Run a program and return its output. Raises `ScriptError`."""
    log = cache_folder() / "setup.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    result = subprocess.run(
        [str(part) for part in command],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env=clean_environment() if env is None else dict(env),
        cwd=cwd,
    )
    with log.open("a", encoding="utf-8") as file:
        file.write(f"# {purpose}\n{result.stdout}{result.stderr}\n")
    if result.returncode:
        raise ScriptError(_sentence(purpose, result.stderr or result.stdout, log))
    return result.stdout


def succeeds(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None = None
) -> bool:
    """Return whether a program can be run and exits with 0."""
    try:
        result = subprocess.run(
            [str(part) for part in command],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=clean_environment() if env is None else dict(env),
        )
    except OSError:
        return False
    return result.returncode == 0


def main(body: Callable[[], int]) -> None:
    """Run a script, and print errors without a traceback."""
    started = time.monotonic()
    try:
        code = body()
    except ScriptError as error:
        print(f"error: {error}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print(f"stopped after {time.monotonic() - started:.0f} s", file=sys.stderr)
        code = 130
    sys.exit(code)


def _sentence(purpose: str, output: str, log: Path) -> str:
    if any(sign in output.lower() for sign in _SIGNS_OF_NO_NETWORK):
        return f"Could not {purpose}: no network, or the server does not answer."
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "e:"))]
    detail = (errors or lines or ["it failed without a message"])[0]
    return f"Could not {purpose}: {detail} (for the whole output see {log})."
