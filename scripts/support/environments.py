"""Make the virtual environments of this project and keep them as the pins say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
import fcntl
import hashlib
import os
from pathlib import Path
import shutil
import subprocess
import sys

from . import interpreter
from .console import ScriptError, cache_folder, clean_environment, run, say, succeeds

REPOSITORY = Path(__file__).resolve().parents[2]
REQUIREMENTS = REPOSITORY / "requirements"

# Name on the command line -> (folder, requirement files)
ENVIRONMENTS = {
    "test": (".venv", ("test.txt", "lint.txt")),
    "demo": (".venv-demo", ("demo.txt",)),
}

# Compiled where they are installed, which not every machine can do. Home Assistant
# needs them for its voice assistants only.
_VOICE = "demo-voice.txt"

_STAMP = "xprotect_events.stamp"


def ensure(name: str, *, anew: bool = False) -> Path:
    """Return the `bin` folder of an environment, made or brought up to date."""
    folder, files = ENVIRONMENTS[name]
    # The pins are complete: without looking for more, uv is done sooner.
    arguments: list[str | Path] = ["--no-deps"]
    for file in files:
        arguments += ["-r", REQUIREMENTS / file]
    extra = REQUIREMENTS / _VOICE if name == "demo" else None
    return _ensure(REPOSITORY / folder, arguments, extra=extra, anew=anew)


def ensure_with_home_assistant(version: str) -> Path:
    """Return the `bin` folder of a test environment on another Home Assistant.

    The test plugin names exactly one Home Assistant; the override takes another, with
    that version's own requirements.
    """
    folder = REPOSITORY / f".venv-{version}"
    override = cache_folder() / f"override-{version}.txt"
    override.parent.mkdir(parents=True, exist_ok=True)
    override.write_text(f"homeassistant=={version}\n", encoding="utf-8")
    arguments: list[str | Path] = ["-r", REQUIREMENTS / "test.in"]
    return _ensure(folder, [*arguments, "--override", override])


def activated(programs: Path) -> dict[str, str]:
    """Return the environment variables of a process that lives in a venv."""
    path = os.pathsep.join((str(programs), os.environ.get("PATH", os.defpath)))
    return clean_environment(PATH=path)


def run_pytest(programs: Path, arguments: Sequence[str]) -> int:
    """Run pytest in an environment; return its exit code."""
    # No variable of the caller may keep byte code from being stored (start-up takes
    # twice as long), and Home Assistant calls programs of its own environment.
    command = [str(programs / "python"), "-m", "pytest", *arguments]
    return subprocess.run(
        command, check=False, cwd=REPOSITORY, env=activated(programs)
    ).returncode


def find_uv() -> Path | None:
    """Return uv: the machine's own, else one in the cache, else nothing."""
    found = shutil.which("uv")
    if found and succeeds([found, "--version"]):
        return Path(found)
    cached = cache_folder() / "uv/bin/uv"
    return cached if succeeds([cached, "--version"]) else None


def _ensure(
    folder: Path,
    arguments: list[str | Path],
    *,
    extra: Path | None = None,
    anew: bool = False,
) -> Path:
    stamp = folder / _STAMP
    wanted = _fingerprint(folder, [*arguments, *([extra] if extra else [])])
    with _alone():
        if anew or not _is_current(stamp, wanted):
            # First of all, lest an interrupted run leave half of it looking whole.
            stamp.unlink(missing_ok=True)
            uv, python = _tools()
            run([uv, "venv", "--clear", "--python", python, folder], "make a venv")
            say(f"Installing the pinned packages into {folder.name}")
            if not extra or not _installed(uv, folder, [*arguments, "-r", extra]):
                _install(uv, folder, arguments)
            stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin"


def _tools() -> tuple[Path, Path]:
    """Return uv and a Python for the environments, fetched where they are missing."""
    uv = find_uv() or _install_uv(sys.executable)
    python = interpreter.find(uv)
    uv = uv or _install_uv(python)
    if not uv:
        raise ScriptError(
            "uv could not be installed: install it yourself and start again."
        )
    return uv, python


def _install(uv: Path, folder: Path, arguments: list[str | Path]) -> None:
    # Byte code is left to the first start, which makes it of the one module in five
    # that it imports: all of it takes 20 s, to save that start 5 s.
    install = f"pip install --python {folder.name}".split()
    run([uv, *install, *arguments], "install the packages", cwd=REPOSITORY)


def _installed(uv: Path, folder: Path, arguments: list[str | Path]) -> bool:
    """Try to install also what is compiled, while the rest is downloaded."""
    if shutil.which("c++"):
        with suppress(ScriptError):
            _install(uv, folder, arguments)
            return True
    say("Leaving out Home Assistant's voice assistants: nothing here compiles them")
    return False


def _install_uv(python: Path | str) -> Path | None:
    """Put uv into a venv of its own; nothing when this Python can't make one."""
    folder = cache_folder() / "uv"
    if not succeeds([python, "-m", "venv", "--clear", folder]):
        # Debian's Python comes without the parts that a venv needs.
        shutil.rmtree(folder, ignore_errors=True)
        return None
    say("Fetching uv")
    pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check"]
    run([*pip, "install", "--quiet", "-r", REQUIREMENTS / "uv.txt"], "install uv")
    return folder / "bin/uv"


def _fingerprint(folder: Path, arguments: list[str | Path]) -> str:
    """Return what changes with the pins, and when the environment was moved."""
    digest = hashlib.sha256(str(folder).encode())
    for part in arguments:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
    return digest.hexdigest()


def _is_current(stamp: Path, wanted: str) -> bool:
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        return False
    # The Python that it was made with may be gone with the cache.
    return interpreter.usable(stamp.parent / "bin/python") is not None


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a second script, started meanwhile, from building the same things."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another script that is setting up")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
