"""What can be chosen about the demo, and where it keeps its things."""

from dataclasses import dataclass
from pathlib import Path
import sys

REPOSITORY = Path(__file__).resolve().parents[1]
# What browsers load for the demo's own page.
PAGE = Path(__file__).resolve().parent / "page"

HOST = "127.0.0.1"
DOMAIN = "xprotect_events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The demo's options, and the names that all its parts agree on."""

    port: int = 8123
    simulator_port: int = 8765
    simulator_arguments: tuple[str, ...] = ()
    username: str = "demo"
    password: str = "demo"
    # Forget everything of earlier starts.
    anew: bool = False
    # Show the log, at debug level, and restart Home Assistant at a key.
    develop: bool = False
    folder: Path = REPOSITORY / ".demo"
    # Where `python` and `hass` are; the browser tests have packages of their own.
    programs: Path = Path(sys.executable).parent

    @property
    def address(self) -> str:
        """Where Home Assistant answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def simulator_address(self) -> str:
        """Where the simulated XProtect server answers."""
        return f"http://{HOST}:{self.simulator_port}"

    @property
    def answers(self) -> dict[str, object]:
        """What to enter into the form of the integration."""
        return {
            "url": self.simulator_address,
            "username": self.username,
            "password": self.password,
        }

    @property
    def packages(self) -> Path:
        """Where the packages of these programs lie."""
        return next(self.programs.parent.glob("lib/python3*/site-packages"))

    @property
    def config(self) -> Path:
        """Home Assistant's own folder."""
        return self.folder / "config"
