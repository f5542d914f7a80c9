"""Starts the two programs of the demo."""

from contextlib import AbstractAsyncContextManager
import os

from . import config_folder
from .processes import Program, running
from .settings import HOST, REPOSITORY, Settings

# Only voice assistants need these packages. If they are missing, they could not be
# compiled, and trying again at each start would take ten seconds.
_VOICE = ("pymicro-vad", "pyspeex-noise")


def run_simulator(settings: Settings) -> AbstractAsyncContextManager[Program]:
    """Run the simulator."""
    python = str(settings.programs / "python")
    command = [python, "-m", "xprotect_simulator", "--host", HOST]
    user = ["--username", settings.username, "--password", settings.password]
    # The seed makes it the site of earlier starts on any port.
    port = ["--port", str(settings.simulator_port), "--seed", "1"]
    return running(
        "The simulator",
        [*command, *port, *user, *settings.simulator_arguments],
        log=settings.folder / "simulator.log",
        cwd=REPOSITORY,
    )


def run_home_assistant(settings: Settings) -> AbstractAsyncContextManager[Program]:
    """Run Home Assistant in its folder, which must be written before."""
    hass = settings.programs / "hass"
    # Home Assistant calls programs of its own environment, such as uv.
    folders = (config_folder.programs(settings), settings.programs)
    path = os.pathsep.join((*map(str, folders), os.environ["PATH"]))
    return running(
        "Home Assistant",
        [hass, "--config", settings.config, *_without_voice(settings)],
        log=settings.folder / "home-assistant.log",
        env=os.environ | {"PATH": path},
    )


def _without_voice(settings: Settings) -> list[str]:
    modules = (settings.packages / name.replace("-", "_") for name in _VOICE)
    if all(module.is_dir() for module in modules):
        return []
    return ["--skip-pip-packages", ",".join(_VOICE)]
