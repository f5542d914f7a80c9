"""Find a Chromium for the browser tests, or install Debian's."""

from __future__ import annotations

import os
from pathlib import Path
import shutil

from . import environments
from .console import ScriptError, clean_environment, run, say

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)

# With fonts, because texts would be boxes without them; names may contain emoji.
_PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-noto-color-emoji")


def run_pytest(*arguments: str) -> int:
    """Run pytest with the options of the browser tests."""
    chromium = find()
    demo = environments.ensure("demo")
    programs = environments.ensure("test")
    # The fixtures last for the whole run.
    loops = ("fixture", "test")
    scopes = [f"-oasyncio_default_{kind}_loop_scope=session" for kind in loops]
    return environments.run_pytest(
        programs,
        [
            # The plugin is only for tests inside Home Assistant.
            *("-p", "no:homeassistant", *scopes),
            *(f"--chromium={chromium}", f"--programs={demo}", *arguments),
        ],
    )


def find() -> Path:
    """Return an installed browser, or install one with the package manager."""
    found = _on_path()
    if not found and shutil.which("apt-get") and os.geteuid() == 0:
        _install()
        found = _on_path()
    if not found:
        raise ScriptError(
            "There is no Chromium or Chrome here for the browser tests: install one"
            " (on Debian by: apt-get install chromium) and start again."
        )
    return found


def _on_path() -> Path | None:
    places = (shutil.which(name) for name in _NAMES)
    return next((Path(place) for place in places if place), None)


def _install() -> None:
    say("Installing Debian's Chromium")
    env = clean_environment(DEBIAN_FRONTEND="noninteractive", LC_ALL="C")
    run(["apt-get", "update", "-qq"], "read Debian's list of packages", env=env)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    run([*command, *_PACKAGES], "install Chromium", env=env)
