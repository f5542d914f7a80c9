"""The options of the demo, and the places of its files."""

from dataclasses import dataclass
from pathlib import Path
import sys

REPOSITORY = Path(__file__).resolve().parents[1]
# The files that browsers load for the demo's page.
PAGE = Path(__file__).resolve().parent / "page"

HOST = "127.0.0.1"
DOMAIN = "xprotect_events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The demo's options, and the names that its parts share."""

    port: int = 8123
    simulator_port: int = 8765
    simulator_arguments: tuple[str, ...] = ()
    username: str = "demo"
    password: str = "demo"
    # Delete everything from earlier starts.
    reset: bool = False
    # Show the log, at debug level, and restart Home Assistant at a key.
    develop: bool = False
    folder: Path = REPOSITORY / ".demo"
    # The folder of `python` and `hass`; the browser tests use another environment.
    programs: Path = Path(sys.executable).parent

    @property
    def address(self) -> str:
        """The address of Home Assistant."""
        return f"http://{HOST}:{self.port}"

    @property
    def simulator_address(self) -> str:
        """The address of the simulated XProtect server."""
        return f"http://{HOST}:{self.simulator_port}"

    @property
    def answers(self) -> dict[str, object]:
        """The answers to the integration's form."""
        return {
            "url": self.simulator_address,
            "username": self.username,
            "password": self.password,
        }

    @property
    def packages(self) -> Path:
        """The folder of the packages of these programs."""
        return next(self.programs.parent.glob("lib/python3*/site-packages"))

    @property
    def config(self) -> Path:
        """Home Assistant's configuration folder."""
        return self.folder / "config"
