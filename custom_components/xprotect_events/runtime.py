"""The runtime data of a loaded config entry."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context

from .api import Task, XProtectClient
from .attempts import Attempts
from .chosen_events import ChosenEvents
from .devices import XProtectDevices
from .engine.feed import Feed
from .engine.pending_triggers import PendingTriggers
from .engine.selection import Selection
from .engine.states import States
from .engine.storage_check import StorageCheck
from .event_dispatcher import EventDispatcher
from .event_statistics import Statistics
from .inventory_coordinator import XProtectInventoryCoordinator
from .live_view import LiveViews
from .mode import Channels
from .presence import Presence
from .site_alarms import SiteAlarms
from .site_pictures import SitePictures
from .source_states import SourceStates
from .storage_coordinator import StorageCoordinator

type XProtectConfigEntry = ConfigEntry[XProtectRuntime]


@dataclass(frozen=True, slots=True, kw_only=True)
class XProtectRuntime:
    """The objects that platforms and actions use."""

    client: XProtectClient
    inventory: XProtectInventoryCoordinator
    devices: XProtectDevices
    presence: Presence
    states: States[Context]
    source_states: SourceStates
    feed: Feed
    dispatcher: EventDispatcher
    channels: Channels
    attempts: Attempts
    selection: Selection
    pending: PendingTriggers
    output_tasks: frozenset[Task]
    statistics: Statistics
    storage: StorageCheck
    storages: StorageCoordinator
    # `None` while pictures are off.
    pictures: SitePictures | None
    # What pages have opened in the media browser.
    chosen: ChosenEvents
    # `None` while there is no live view.
    views: LiveViews | None
    # `None` while alarms are off.
    alarms: SiteAlarms | None
