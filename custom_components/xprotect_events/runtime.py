"""What a loaded config entry holds."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .api import XProtectClient
from .coordinator import XProtectInventoryCoordinator
from .event_dispatcher import EventDispatcher
from .inventory import XProtectDevices
from .mode import ModeSwitch

type XProtectConfigEntry = ConfigEntry[XProtectRuntime]


@dataclass(frozen=True, slots=True, kw_only=True)
class XProtectRuntime:
    """Everything that platforms and actions need."""

    client: XProtectClient
    inventory: XProtectInventoryCoordinator
    devices: XProtectDevices
    dispatcher: EventDispatcher
    mode: ModeSwitch
