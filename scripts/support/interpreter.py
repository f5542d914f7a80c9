"""Find a CPython that can run Home Assistant, or download one."""

from __future__ import annotations

from pathlib import Path
import shutil
import subprocess

from . import debian
from .console import ScriptError, cache_folder, clean_environment, run, say, succeeds

VERSION = "3.14"

# Prints the real path of an interpreter that can run Home Assistant: recent enough,
# with the global lock (there are no wheels without it), and with all modules.
_PROBE = """
import sys, sysconfig
import bz2, ctypes, lzma, sqlite3, ssl, uuid, venv, zlib, compression.zstd
assert sys.implementation.name == "cpython"
assert (3, 14, 2) <= sys.version_info[:3] < (3, 15)
assert not sysconfig.get_config_var("Py_GIL_DISABLED")
print(getattr(sys, "_base_executable", sys.executable))
"""

# Additional requirements for the tree that we create.
_PROBE_OWN = """
import ensurepip, pathlib, readline
assert pathlib.Path(sysconfig.get_path("include"), "pyconfig.h").is_file()
assert pathlib.Path(sysconfig.get_path("include"), "Python.h").is_file()
"""

# If the download is unreachable, this fails soon.
_FEW_RETRIES = "1"


def usable(python: Path | str, *, probe: str = _PROBE) -> Path | None:
    """Return the real path of an interpreter if it can run Home Assistant."""
    try:
        result = subprocess.run(
            [str(python), "-c", probe],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=clean_environment(),
        )
    except OSError:
        return None
    return Path(result.stdout.strip()) if result.returncode == 0 else None


def find_on_path() -> Path | None:
    """Return a suitable interpreter of the machine, or None."""
    for name in (f"python{VERSION}", "python3", "python"):
        if (found := shutil.which(name)) and (python := usable(found)):
            return python
    return None


def find(uv: Path | None) -> Path:
    """Return a suitable interpreter: the machine's, one by uv, or Debian's."""
    python = find_on_path() or find_fetched()
    if not python and uv:
        python = _fetch_with_uv(uv)
    return python or _fetch_from_debian()


def find_fetched() -> Path | None:
    """Return the interpreter that an earlier run unpacked, or None."""
    folder = _debian_folder()
    if not (folder / "complete").is_file():
        return None
    return usable(folder / "root/usr/bin/python3.14")


def _debian_folder() -> Path:
    return cache_folder() / "python"


def _fetch_with_uv(uv: Path) -> Path | None:
    install = [str(uv), "python", "install", VERSION]
    find_it = [str(uv), "python", "find", "--managed-python", VERSION]
    env = clean_environment(UV_HTTP_RETRIES=_FEW_RETRIES)
    say("Fetching CPython 3.14 with uv")
    if not succeeds(install, env=env):
        return None
    return usable(run(find_it, "find the fetched CPython 3.14").strip())


def _fetch_from_debian() -> Path:
    folder = _debian_folder()
    python = usable(debian.install(folder), probe=_PROBE + _PROBE_OWN)
    if not python:
        raise ScriptError(
            "The CPython 3.14 that Debian's mirror offers does not run here:"
            " install CPython 3.14.2 or later yourself and start again."
        )
    (folder / "complete").touch()
    return python
