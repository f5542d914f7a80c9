"""Event entities with the live events of a source."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import ATTR_ENTITY_PICTURE
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)

from .alarm_event import async_add_alarm_event
from .api import Event, Json, Resource, Source, Thing, UserDefinedEvent
from .bounded_json import MAX_DEPTH, cut
from .devices import EVENT_RESOURCES
from .engine.arrival import MISSED_AFTER
from .entity import XProtectSourceEntity, async_add_for_sources, until_unloaded
from .entity_budget import enabled_kinds
from .runtime import XProtectConfigEntry, XProtectRuntime
from .user_defined_events import async_add_for_user_defined_events

# Events update these entities; they never poll.
PARALLEL_UPDATES = 0

# Bytes of data in a state. Analytics data may contain pictures, and each state is sent
# to every open page. The bus event has all of it.
MAX_DATA = 4096
# Events that wait until an entity is available, of some KiB each. They wait for a
# minute at most, in which a source has only a few. The bus always has all events.
MAX_HELD_EVENTS = 100


@dataclass(frozen=True, kw_only=True)
class XProtectEventDescription(EventEntityDescription):
    """An event entity of a kind of source, `None` for the server."""

    resource: Resource | None


# By kind of source. A camera, its hardware and its input often have the same name, so
# the names of their event entities must differ.
DESCRIPTIONS = {
    description.resource: description
    for description in (
        XProtectEventDescription(
            key="event", translation_key="server_event", resource=None
        ),
        XProtectEventDescription(
            key="event", translation_key="camera_event", resource=Resource.CAMERAS
        ),
        XProtectEventDescription(
            key="event", translation_key="input_event", resource=Resource.INPUT_EVENTS
        ),
        XProtectEventDescription(
            key="event", translation_key="output_event", resource=Resource.OUTPUTS
        ),
        XProtectEventDescription(
            key="event", translation_key="hardware_event", resource=Resource.HARDWARE
        ),
        XProtectEventDescription(
            key="raised",
            translation_key="raised",
            resource=Resource.USER_DEFINED_EVENTS,
        ),
    )
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: XProtectConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one entity for each source, and one for all other events."""
    async_add_entities = until_unloaded(entry, async_add_entities)
    runtime = entry.runtime_data
    async_add_entities([XProtectEvent(runtime, None, None, is_enabled=True)])
    async_add_alarm_event(hass, entry, async_add_entities)
    enabled = enabled_kinds(runtime)

    def build(item: Thing) -> Iterable[XProtectEvent]:
        if item.resource in EVENT_RESOURCES:
            is_enabled = (item.resource, "event") in enabled
            yield XProtectEvent(
                runtime, item.source, item.resource, is_enabled=is_enabled
            )

    await async_add_for_sources(entry, async_add_entities, build)
    has_room = (Resource.USER_DEFINED_EVENTS, "event") in enabled

    def build_own(event: UserDefinedEvent) -> XProtectUserDefinedEvent:
        is_enabled = has_room and not event.is_system
        return XProtectUserDefinedEvent(runtime, event.source, is_enabled=is_enabled)

    def admit(events: Sequence[UserDefinedEvent], _: int) -> Sequence[UserDefinedEvent]:
        offered = runtime.inventory.catalog.offered
        return [event for event in events if event.id in offered.own]

    key = DESCRIPTIONS[Resource.USER_DEFINED_EVENTS].key
    await async_add_for_user_defined_events(
        hass, entry, async_add_entities, key, admit, build_own
    )
    platform = async_get_current_platform()

    @callback
    def site_read() -> None:
        for entity in tuple(platform.entities.values()):
            if isinstance(entity, XProtectEvent):
                entity.follow_event_types()

    entry.async_on_unload(runtime.inventory.async_add_listener(site_read))


class Waiting(NamedTuple):
    """An event that arrived while its entity was unavailable; `since` is in seconds."""

    since: float
    event: Event
    context: Context
    is_cut: bool


class XProtectEvent(XProtectSourceEntity, EventEntity):
    """The live events of a source; missed events are never shown."""

    _unrecorded_attributes = frozenset({"data", ATTR_ENTITY_PICTURE})
    entity_description: XProtectEventDescription
    _attr_entity_registry_enabled_default = True
    _has_picture = False
    _only_word: str | None = None
    _waiting: tuple[Waiting, ...] = ()

    def __init__(
        self,
        runtime: XProtectRuntime,
        source: Source | None,
        resource: Resource | None,
        *,
        is_enabled: bool,
    ) -> None:
        description = DESCRIPTIONS[resource]
        super().__init__(runtime, source, description.key)
        self.entity_description = description
        self._attr_event_types = self._words()
        self._attr_entity_registry_enabled_default = is_enabled

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the events."""
        await super().async_added_to_hass()
        self._runtime.dispatcher.listen(self._source, self._take_event)
        self._note_display()

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Follow the events no more."""
        await super().async_will_remove_from_hass()
        self._runtime.dispatcher.forget(self._source, self._take_event)
        if self._runtime.pictures is not None and self._source is not None:
            self._runtime.pictures.displays.pop(self._source.id, None)

    @callback
    def _take_event(self, event: Event, context: Context) -> None:
        """Show an event, or keep it until the entity is available.

        The poll that ends an outage finds live events, too. They must wait, because
        triggers ignore the first state after unavailable.
        """
        if self.available or self._become_available():
            self._show(event, context)
        else:
            data = None if event.data is None else _bounded(event.data)
            is_cut = data is not event.data
            one = Waiting(
                self.hass.loop.time(), event._replace(data=data), context, is_cut
            )
            self._waiting = (*self._still_waiting(), one)[-MAX_HELD_EVENTS:]

    def _become_available(self) -> bool:
        """Follow the mode now, since thousands of entities follow it one by one."""
        if self._runtime.channels.is_delivering:
            self.mode_changed()
        return self.available

    @callback
    @override
    def mode_changed(self) -> None:
        """Show the last event again, and then the waiting events."""
        super().mode_changed()
        if not self.available or not self._waiting:
            return
        waiting = self._still_waiting()
        self._waiting = ()
        for one in waiting:
            self._show(one.event, one.context, is_cut=one.is_cut)

    def _still_waiting(self) -> tuple[Waiting, ...]:
        """Return the waiting events without those that are not live any more."""
        soon_enough = self.hass.loop.time() - MISSED_AFTER.total_seconds()
        return tuple(one for one in self._waiting if one.since > soon_enough)

    @callback
    def _show(self, event: Event, context: Context, *, is_cut: bool = False) -> None:
        catalog = self._runtime.inventory.catalog
        resource = self.entity_description.resource
        data = None if event.data is None else _bounded(event.data)
        attributes = {
            "event_id": event.id,
            "type": catalog.names.get(event.type_id, event.type_id),
            "type_id": event.type_id,
            "time": event.time_text,
            "tag": event.tag,
            "data": data,
        }
        if resource is None and event.source is not None:
            # The entity of the server shows events of several sources.
            names = self._runtime.inventory.data.source_names
            attributes["source_name"] = names.get(event.source)
        pictures = self._runtime.pictures
        if pictures is not None and resource is Resource.CAMERAS:
            attributes["picture"] = pictures.root + event.id
            # Usually there is no picture, and setting the attribute is expensive.
            urls = pictures.entity_pictures
            if (urls or self._has_picture) and event.source is not None:
                self._set_picture(urls.get(event.source.id))
        if is_cut or data is not event.data:
            attributes["data_truncated"] = True
        word = self._only_word or catalog.offered.word(event.type_id, resource)
        self._trigger_event(word, attributes)
        self.async_set_context(context)
        self.async_write_ha_state()

    @callback
    def follow_picture(self, address: str | None) -> None:
        """Show the picture at another address, or none any more."""
        self._set_picture(address)
        self.async_write_ha_state()

    def _set_picture(self, address: str | None) -> None:
        self._attr_entity_picture = address
        self._has_picture = address is not None
        self._note_display()

    def _note_display(self) -> None:
        """Note for the image entity that its picture is shown here."""
        pictures, source = self._runtime.pictures, self._source
        if pictures is not None and source is not None and self._has_picture:
            pictures.displays[source.id] = self

    @callback
    def follow_event_types(self) -> None:
        """Show the event types that the site has now."""
        words = self._words()
        if words != self._attr_event_types:
            self._attr_event_types = words
            self.async_write_ha_state()

    def _words(self) -> list[str]:
        offered = self._runtime.inventory.catalog.offered
        return offered.words(self.entity_description.resource)


class XProtectUserDefinedEvent(XProtectEvent):
    """A user-defined event, under its name, which users search for.

    Its one event type is the name, too, so that the event no longer starts automations
    for this name after it was renamed.
    """

    def __init__(
        self, runtime: XProtectRuntime, source: Source, *, is_enabled: bool
    ) -> None:
        self._id = source.id
        super().__init__(
            runtime, source, Resource.USER_DEFINED_EVENTS, is_enabled=is_enabled
        )

    @override
    def _words(self) -> list[str]:
        """Return its name; the last one, while the list of names may not be read."""
        offered = self._runtime.inventory.catalog.offered
        word = offered.own_word(self._id) or self._only_word or self._id
        self._attr_name = self._only_word = word
        return [word]


def _bounded(data: Json) -> Json:
    """Cut data to what a state may hold."""
    return cut(data, MAX_DATA, MAX_DEPTH - 1)
