"""Creates the runtime data of a config entry from a client and its site."""

from dataclasses import dataclass

from homeassistant.core import Context, HomeAssistant

from .alarm_store import AlarmPosition
from .api import Source, Task, XProtectClient
from .attempts import Attempts
from .chosen_events import ChosenEvents
from .const import (
    CONF_EVENT_TYPES,
    CONF_EXCLUDE_EVENT_TYPES,
    CONF_EXCLUDE_SOURCES,
    CONF_MISSED_EVENTS,
    CONF_SOURCE_GROUPS,
    CONF_SOURCES,
    MISSED_IGNORE,
)
from .devices import XProtectDevices
from .engine.feed import Feed
from .engine.pending_triggers import PendingTriggers
from .engine.selection import Selection
from .engine.states import States
from .engine.storage_check import StorageCheck
from .event_dispatcher import EventDispatcher
from .event_statistics import Statistics
from .inventory_coordinator import XProtectInventoryCoordinator
from .live_view import create_live_views
from .mode import Channels
from .presence import Presence
from .runtime import XProtectConfigEntry, XProtectRuntime
from .site_alarms import create_alarms
from .site_pictures import SitePictures
from .source_states import SourceStates
from .storage_coordinator import StorageCoordinator


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What was read from the disk and the server before a run.

    `pictures` and `alarms` are `None` while these options are off.
    """

    feed: Feed
    output_tasks: frozenset[Task]
    pictures: SitePictures | None
    storages: StorageCoordinator
    alarms: AlarmPosition | None


def create_runtime(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    client: XProtectClient,
    inventory: XProtectInventoryCoordinator,
    prepared: Prepared,
) -> XProtectRuntime:
    """Put together what one run of a config entry needs; nothing starts yet."""
    channels, statistics = Channels(), Statistics()
    statistics.follow_mode(channels)
    devices = XProtectDevices(hass, inventory)
    source_states = SourceStates(inventory, channels)
    states = States[Context](
        source_states.meaning, source_states.changed, source_states.shown
    )
    selection = _selection(entry, inventory)
    return XProtectRuntime(
        client=client,
        inventory=inventory,
        devices=devices,
        presence=_presence(hass, inventory, channels, states),
        states=states,
        source_states=source_states,
        feed=prepared.feed,
        dispatcher=EventDispatcher(
            hass,
            inventory,
            devices,
            states,
            selection,
            prepared.pictures,
            fires_missed_events=entry.options.get(CONF_MISSED_EVENTS) != MISSED_IGNORE,
        ),
        channels=channels,
        attempts=Attempts(),
        selection=selection,
        pending=PendingTriggers(),
        output_tasks=prepared.output_tasks,
        statistics=statistics,
        storage=StorageCheck(),
        storages=prepared.storages,
        pictures=prepared.pictures,
        chosen=ChosenEvents(),
        views=create_live_views(hass, entry, client.video),
        alarms=create_alarms(hass, entry, client, inventory, devices, prepared.alarms),
    )


def _presence(
    hass: HomeAssistant,
    inventory: XProtectInventoryCoordinator,
    channels: Channels,
    states: States[Context],
) -> Presence:
    presence = Presence(hass, inventory, channels, states.forget_sources)
    presence.follow()
    return presence


def _selection(
    entry: XProtectConfigEntry, inventory: XProtectInventoryCoordinator
) -> Selection:
    return Selection(
        has_groups=bool(entry.options.get(CONF_SOURCE_GROUPS)),
        members=lambda: inventory.grouped,
        event_types=frozenset(entry.options.get(CONF_EVENT_TYPES, ())),
        sources=_sources(entry, CONF_SOURCES),
        excluded_types=frozenset(entry.options.get(CONF_EXCLUDE_EVENT_TYPES, ())),
        excluded_sources=_sources(entry, CONF_EXCLUDE_SOURCES),
    )


def _sources(entry: XProtectConfigEntry, option: str) -> frozenset[Source]:
    return frozenset(map(Source.parse, entry.options.get(option, ())))
