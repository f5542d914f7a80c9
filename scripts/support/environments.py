"""Create the virtual environments of this project, and keep them as pinned."""

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

# Packages that must be compiled, which not every machine can do. Home Assistant needs
# them only for voice assistants.
_VOICE = "demo-voice.txt"

_STAMP = "xprotect_events.stamp"


def ensure(name: str, *, reset: bool = False) -> Path:
    """Create or update an environment; return its `bin` folder."""
    folder, files = ENVIRONMENTS[name]
    # The pins are complete, so uv need not resolve dependencies.
    arguments: list[str | Path] = ["--no-deps"]
    for file in files:
        arguments += ["-r", REQUIREMENTS / file]
    extra = REQUIREMENTS / _VOICE if name == "demo" else None
    return _ensure(REPOSITORY / folder, arguments, extra=extra, reset=reset)


def ensure_with_home_assistant(version: str) -> Path:
    """Return the `bin` folder of a test environment on another Home Assistant.

    The test plugin requires exactly one version of Home Assistant. The override
    replaces it by another one with its own requirements.
    """
    folder = REPOSITORY / f".venv-{version}"
    override = cache_folder() / f"override-{version}.txt"
    override.parent.mkdir(parents=True, exist_ok=True)
    override.write_text(f"homeassistant=={version}\n", encoding="utf-8")
    arguments: list[str | Path] = ["-r", REQUIREMENTS / "test.in"]
    return _ensure(folder, [*arguments, "--override", override])


def activated(programs: Path) -> dict[str, str]:
    """Return the environment variables for a process in a venv."""
    path = os.pathsep.join((str(programs), os.environ.get("PATH", os.defpath)))
    return clean_environment(PATH=path)


def run_pytest(programs: Path, arguments: Sequence[str]) -> int:
    """Run pytest in an environment; return its exit code."""
    # With byte code the start takes half of the time, and Home Assistant runs programs
    # of its own environment.
    command = [str(programs / "python"), "-m", "pytest", *arguments]
    return subprocess.run(
        command, check=False, cwd=REPOSITORY, env=activated(programs)
    ).returncode


def find_uv() -> Path | None:
    """Return uv of the machine or of the cache, or None."""
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
    reset: bool = False,
) -> Path:
    stamp = folder / _STAMP
    wanted = _fingerprint(folder, [*arguments, *([extra] if extra else [])])
    with _alone():
        if reset or not _is_current(stamp, wanted):
            # First, so that an interrupted run does not leave a valid stamp.
            stamp.unlink(missing_ok=True)
            uv, python = _tools()
            run([uv, "venv", "--clear", "--python", python, folder], "make a venv")
            say(f"Installing the pinned packages into {folder.name}")
            if not extra or not _installed(uv, folder, [*arguments, "-r", extra]):
                _install(uv, folder, arguments)
            stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin"


def _tools() -> tuple[Path, Path]:
    """Return uv and a Python for the environments; download them if missing."""
    uv = find_uv() or _install_uv(sys.executable)
    python = interpreter.find(uv)
    uv = uv or _install_uv(python)
    if not uv:
        raise ScriptError(
            "uv could not be installed: install it yourself and start again."
        )
    return uv, python


def _install(uv: Path, folder: Path, arguments: list[str | Path]) -> None:
    # No byte code here: compiling everything takes 20 s and saves the first start only
    # 5 s, because it imports one module in five.
    install = f"pip install --python {folder.name}".split()
    run([uv, *install, *arguments], "install the packages", cwd=REPOSITORY)


def _installed(uv: Path, folder: Path, arguments: list[str | Path]) -> bool:
    """Try to install the packages that must be compiled, too."""
    if shutil.which("c++"):
        with suppress(ScriptError):
            _install(uv, folder, arguments)
            return True
    say("Leaving out Home Assistant's voice assistants: nothing here compiles them")
    return False


def _install_uv(python: Path | str) -> Path | None:
    """Install uv into its own venv; return None if this Python cannot create one."""
    folder = cache_folder() / "uv"
    if not succeeds([python, "-m", "venv", "--clear", folder]):
        # Debian's Python lacks parts that a venv needs.
        shutil.rmtree(folder, ignore_errors=True)
        return None
    say("Fetching uv")
    pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check"]
    run([*pip, "install", "--quiet", "-r", REQUIREMENTS / "uv.txt"], "install uv")
    return folder / "bin/uv"


def _fingerprint(folder: Path, arguments: list[str | Path]) -> str:
    """Return a hash that changes with the pins and the location."""
    digest = hashlib.sha256(str(folder).encode())
    for part in arguments:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
    return digest.hexdigest()


def _is_current(stamp: Path, wanted: str) -> bool:
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        return False
    # Its Python may have been deleted with the cache.
    return interpreter.usable(stamp.parent / "bin/python") is not None


@contextmanager
def _alone() -> Iterator[None]:
    """Allow only one script at a time to create environments."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another script that is setting up")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
