"""The choices of the options, with unambiguous labels."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from homeassistant.helpers.selector import SelectOptionDict

from .api import Resource, Source
from .const import (
    CONF_AREA_GROUPS,
    CONF_EVENT_TYPES,
    CONF_EXCLUDE_EVENT_TYPES,
    CONF_EXCLUDE_SOURCES,
    CONF_SOURCE_GROUPS,
    CONF_SOURCES,
    CONF_STATE_GROUPS,
)
from .engine.catalog import Catalog
from .engine.event_names import EVENT_TYPE_NAMES
from .engine.groups import DeviceGroup
from .engine.inventory import EVENT_TYPES, STATE_GROUPS, SiteInventory
from .engine.names import comparable
from .sanitize import shorten

TYPE_CHOICES = (CONF_EVENT_TYPES, CONF_EXCLUDE_EVENT_TYPES)
SOURCE_CHOICES = (CONF_SOURCES, CONF_EXCLUDE_SOURCES)
GROUP_CHOICES = (CONF_SOURCE_GROUPS, CONF_AREA_GROUPS)
CHOICES = (*TYPE_CHOICES, *SOURCE_CHOICES, *GROUP_CHOICES, CONF_STATE_GROUPS)
# If nothing of these is selected, everything is.
INCLUDING = ((CONF_EVENT_TYPES,), (CONF_SOURCES, CONF_SOURCE_GROUPS))
# Characters of a GUID that distinguish two objects of one name.
ID_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name, and the kind of the object in the server's terms."""

    name: str
    kind: str = ""


def event_types(inventory: SiteInventory | None) -> dict[str, Named]:
    """Return the event types of a site by GUID.

    Without an inventory only the built-in ones, which every site has.
    """
    found = {type_id: Named(name=name) for type_id, name in EVENT_TYPE_NAMES.items()}
    if inventory is not None:
        for row in inventory.event_types:
            found[row.id] = Named(name=row.name, kind=next(iter(row.source_types), ""))
        for event in inventory.user_defined_events:
            found[event.id] = Named(name=event.name, kind=Resource.USER_DEFINED_EVENTS)
        for analytics in inventory.analytics_events:
            found[analytics.id] = Named(
                name=analytics.name, kind=Resource.ANALYTICS_EVENTS
            )
    return found


def sources(inventory: SiteInventory) -> dict[str, Named]:
    """Return the sources of a site by resource path."""
    return {
        str(source): Named(name=name, kind=source.resource or "")
        for source, name in inventory.source_names.items()
    }


def recorder_states(catalog: Catalog) -> dict[str, Named]:
    """Return the state groups of recorders, by id."""
    groups = catalog.groups_of(Resource.RECORDING_SERVERS)
    return {group: Named(name=name) for group, name in groups.items()}


def device_groups(groups: Iterable[DeviceGroup]) -> dict[str, Named]:
    """Return the groups of devices, by id."""
    return {one.id: Named(name=one.path, kind=one.kind) for one in groups}


def _state_groups(inventory: SiteInventory) -> dict[str, Named]:
    return {one.id: Named(name=one.name) for one in inventory.state_groups}


def choices(
    existing: Mapping[str, Named], chosen: Iterable[str]
) -> list[SelectOptionDict]:
    """Return labelled choices, including selected values that do not exist any more.

    Without those, submitting an unchanged form would remove them.
    """
    named = {one: Named(name=one) for one in chosen} | dict(existing)
    labels = {value: shorten(one.name) for value, one in named.items()}
    for value in _ambiguous(labels):
        if named[value].kind:
            labels[value] += f" ({shorten(named[value].kind)})"
    for value in _ambiguous(labels):
        # The value is a resource path, or the GUID of an event type.
        labels[value] += f" {Source.parse(value).id[:ID_LENGTH]}"
    return [
        SelectOptionDict(value=value, label=label)
        for value, label in sorted(labels.items(), key=lambda one: one[1].casefold())
    ]


def names_of_chosen(
    inventory: SiteInventory, options: Mapping[str, Iterable[str]]
) -> dict[str, str]:
    """Return what the options choose and exists, by its name."""
    existing = event_types(inventory) | sources(inventory) | _state_groups(inventory)
    existing |= device_groups(inventory.groups)
    return {
        one: existing[one].name for one in _chosen(options, CHOICES) if one in existing
    }


def missing(
    inventory: SiteInventory, options: Mapping[str, Iterable[str]]
) -> tuple[str, ...]:
    """Return selected values that the server does not have any more.

    Values of lists that could not be read are not included.
    """
    type_lists = {EVENT_TYPES, Resource.USER_DEFINED_EVENTS, Resource.ANALYTICS_EVENTS}
    gone: list[str] = []
    if not type_lists & inventory.unreadable:
        types = event_types(inventory)
        gone.extend(one for one in _chosen(options, TYPE_CHOICES) if one not in types)
    # If the list may not be read, groups are known from their members.
    groups = _state_groups(inventory)
    if groups and STATE_GROUPS not in inventory.unreadable:
        states = _chosen(options, (CONF_STATE_GROUPS,))
        gone.extend(one for one in states if one not in groups)
    if listed := {one.id for one in inventory.groups if one.is_listed}:
        of_groups = _chosen(options, GROUP_CHOICES)
        gone.extend(one for one in of_groups if one not in listed)
    for path in _chosen(options, SOURCE_CHOICES):
        source = Source.parse(path)
        if source not in inventory.source_names and inventory.would_list(source):
            gone.append(path)
    return tuple(dict.fromkeys(gone))


def _chosen(options: Mapping[str, Iterable[str]], keys: Iterable[str]) -> Iterator[str]:
    for key in keys:
        yield from options.get(key, ())


def _ambiguous(labels: Mapping[str, str]) -> list[str]:
    times = Counter(comparable(label) for label in labels.values())
    return [value for value, label in labels.items() if times[comparable(label)] > 1]
