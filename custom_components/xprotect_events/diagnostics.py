"""Diagnostics for bug reports, without secrets.

They contain neither names by users nor the contents of events, but GUIDs.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.loader import async_get_integration
from homeassistant.util import dt as dt_util

from .api import Thing
from .const import (
    CONF_CA_CERTIFICATE,
    CONF_RECORDER_ADDRESSES,
    CONF_RECORDER_CERTIFICATES,
    DOMAIN,
)
from .engine.arrival import Arrival
from .engine.event_names import EVENT_TYPE_NAMES
from .runtime import XProtectConfigEntry, XProtectRuntime
from .site_alarms import SiteAlarms

SECRET = frozenset(
    {
        CONF_CA_CERTIFICATE,
        CONF_PASSWORD,
        CONF_RECORDER_ADDRESSES,
        CONF_RECORDER_CERTIFICATES,
        CONF_URL,
        CONF_USERNAME,
    }
)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: XProtectConfigEntry
) -> dict[str, Any]:
    """Return figures of delivery, position and site.

    Also for an entry that is not loaded, because users report that, too.
    """
    integration = await async_get_integration(hass, DOMAIN)
    described: dict[str, Any] = {
        "integration_version": str(integration.version),
        "state": entry.state.value,
        "error": entry.error_reason_translation_key,
        "data": async_redact_data(dict(entry.data), SECRET),
        "options": async_redact_data(dict(entry.options), SECRET),
        "polling_disabled": entry.pref_disable_polling,
    }
    if entry.state is ConfigEntryState.LOADED:
        runtime = entry.runtime_data
        described |= {
            "delivery": _delivery(runtime),
            "position": _position(runtime),
            "inventory": _inventory(runtime),
            "last_events": _events(runtime.statistics.last),
            "storage": dict(runtime.storage.verdicts),
        }
        pictures = runtime.pictures
        if pictures is not None:
            described["pictures"] = {
                **pictures.fetch.describe(),
                "recorders": pictures.ways.describe() if pictures.ways else {},
            }
        if runtime.alarms is not None:
            described["alarms"] = _alarms(runtime.alarms)
        views = runtime.views
        if views is not None:
            described["live_view"] = {"open": len(views), "opened": views.opened}
    return described


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: XProtectConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return the states, the entities and the last events of a source."""
    if entry.state is not ConfigEntryState.LOADED or (
        device.id == entry.runtime_data.devices.server_id
    ):
        return await async_get_config_entry_diagnostics(hass, entry)
    runtime = entry.runtime_data
    source = runtime.devices.source(device.id)
    item = next(
        (one for one in runtime.inventory.data.items if one.source == source), None
    )
    entities = er.async_entries_for_device(
        er.async_get(hass), device.id, include_disabled_entities=True
    )
    return {
        "source": str(source) if source else None,
        "listed": item is not None,
        "enabled": item.enabled if item else None,
        "model": device.model,
        "delivery": _mode(runtime),
        "states": _states(runtime, item) if item else {},
        "entities": [
            {
                "domain": entity.domain,
                "key": entity.translation_key or entity.original_device_class,
                "disabled_by": entity.disabled_by,
            }
            for entity in entities
        ],
        "last_events": _events(
            one for one in runtime.statistics.last if one.event.source == source
        ),
    }


def _alarms(alarms: SiteAlarms) -> dict[str, Any]:
    """Return counts of alarms and how they are read, but not their contents."""
    poll = alarms.poll
    return {
        "available": alarms.is_available,
        "open": alarms.board.count(),
        "complete": alarms.board.is_complete,
        "stored": poll.stored,
        "asked_for_everything_only": poll.is_plain,
        "interval_seconds": poll.interval.total_seconds(),
        "delivered": poll.intake.polled,
        "state_levels": [state.level for state in alarms.settings.states],
        "priority_levels": [one.level for one in alarms.settings.priorities],
    }


def _delivery(runtime: XProtectRuntime) -> dict[str, Any]:
    statistics = runtime.statistics
    return {
        **_mode(runtime),
        "mode_changes": [change._asdict() for change in statistics.mode_changes],
        "live": statistics.live,
        "missed": statistics.missed,
        "repeats_dropped": runtime.feed.repeats,
        "audit_finds": statistics.audit_finds,
        "sessions_opened": statistics.sessions_opened,
        "streams_opened": statistics.streams_opened,
        "streams_resumed": statistics.streams_resumed,
        "not_pushed": [str(subject) for subject in statistics.not_pushed],
    }


def _mode(runtime: XProtectRuntime) -> dict[str, Any]:
    return {
        "mode": runtime.channels.mode,
        "is_delivering": runtime.channels.is_delivering,
    }


def _position(runtime: XProtectRuntime) -> dict[str, Any]:
    """Return the position of the poll, in the server's time."""
    feed, now = runtime.feed, runtime.client.clock.now()
    return {
        "server_time": now,
        "server_ahead_seconds": (now - dt_util.utcnow()).total_seconds(),
        "cursor": feed.cursor,
        "cursor_age_seconds": (now - feed.cursor).total_seconds(),
        "complete_age_seconds": (now - feed.complete_at).total_seconds(),
        "low_watermark": feed.low_watermark,
        "remembered_ids": len(feed.checkpoint().trimmed().remembered),
    }


def _inventory(runtime: XProtectRuntime) -> dict[str, Any]:
    coordinator = runtime.inventory
    site = coordinator.data
    versions = {server.version for server in site.recording_servers}
    return {
        "last_read_succeeded": coordinator.last_update_success,
        "site_version": site.site.version,
        "recording_server_versions": sorted(version for version in versions if version),
        "unreadable": sorted(site.unreadable),
        "complete": site.is_complete,
        "enabled": Counter(item.resource.value for item in site.items if item.enabled),
        "disabled": Counter(
            item.resource.value for item in site.items if not item.enabled
        ),
        "event_types": len(site.event_types),
        "state_groups": len(site.state_groups),
        "user_defined_events": len(site.user_defined_events),
        "analytics_events": len(site.analytics_events),
    }


def _states(runtime: XProtectRuntime, item: Thing) -> dict[str, dict[str, Any] | None]:
    pairs = (key for key in runtime.source_states.multi_state if key[0] == item.source)
    groups: tuple[str, ...] = (
        *runtime.inventory.catalog.kinds(item.resource),
        *(group for _, group in pairs),
    )
    states = {group: runtime.states.state((item.source, group)) for group in groups}
    return {
        group: {"state": state.name, "is_on": state.is_on} if state else None
        for group, state in states.items()
    }


def _events(arrivals: Iterable[Arrival]) -> list[dict[str, Any]]:
    """Return the types of events with their times, but without their contents."""
    return [
        {
            "at": arrival.arrived_at,
            "delay_seconds": arrival.delay.total_seconds(),
            "type_id": arrival.event.type_id,
            # Names by users may be names of persons.
            "type": EVENT_TYPE_NAMES.get(arrival.event.type_id),
            "source_type": source.resource
            if (source := arrival.event.source)
            else None,
        }
        for arrival in arrivals
    ]
