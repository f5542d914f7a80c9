"""The option that selects further states of recorders to show."""

from collections.abc import Iterable, Iterator

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .api import Resource
from .const import CONF_STATE_GROUPS
from .engine.states import StateKey
from .entity import async_change_disabled, unique_id
from .runtime import XProtectConfigEntry


def chosen_states(entry: XProtectConfigEntry) -> Iterator[StateKey]:
    """Yield (recorder, group) for the groups that are selected in the options."""
    for recorder in entry.runtime_data.inventory.data.recording_servers:
        for group in entry.options.get(CONF_STATE_GROUPS, ()):
            yield recorder.source, group


def is_chosen(entry: ConfigEntry, key: StateKey) -> bool:
    """Whether a state of a recorder is selected in the options."""
    source, group = key
    is_recorder = source.resource == Resource.RECORDING_SERVERS
    return is_recorder and group in entry.options.get(CONF_STATE_GROUPS, ())


@callback
def async_enable_chosen(hass: HomeAssistant, entry: XProtectConfigEntry) -> None:
    """Enable the disabled sensors of the selected groups."""
    _switch(hass, entry, chosen_states(entry), er.RegistryEntryDisabler.INTEGRATION)


@callback
def async_disable_dropped(
    hass: HomeAssistant, entry: XProtectConfigEntry, chosen: Iterable[str]
) -> None:
    """Disable the sensors of groups that are not selected any more."""
    kept = set(chosen)
    dropped = (key for key in chosen_states(entry) if key[1] not in kept)
    _switch(hass, entry, dropped, None)


@callback
def _switch(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    keys: Iterable[StateKey],
    before: er.RegistryEntryDisabler | None,
) -> None:
    after = er.RegistryEntryDisabler.INTEGRATION if before is None else None
    site_id = entry.runtime_data.devices.site_id
    for source, group in keys:
        entity = (Platform.SENSOR, unique_id(site_id, source, group))
        async_change_disabled(hass, entity, before, after)
