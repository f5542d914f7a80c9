"""What a loaded config entry holds."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .api import XProtectClient
from .coordinator import XProtectInventoryCoordinator
from .engine.echo import Echo
from .engine.selection import Selection
from .event_dispatcher import EventDispatcher
from .inventory import XProtectDevices
from .mode import ModeSwitch
from .source_states import SourceStates

type XProtectConfigEntry = ConfigEntry[XProtectRuntime]


@dataclass(slots=True, kw_only=True)
class Statistics:
    """What happened since the start, for people who look for a fault."""

    audit_finds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class XProtectRuntime:
    """Everything that platforms and actions need."""

    client: XProtectClient
    inventory: XProtectInventoryCoordinator
    devices: XProtectDevices
    states: SourceStates
    dispatcher: EventDispatcher
    mode: ModeSwitch
    selection: Selection
    echo: Echo
    statistics: Statistics
