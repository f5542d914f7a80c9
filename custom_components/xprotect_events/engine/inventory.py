"""The lists of a site: one reading of the Configuration API."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..api import (
    REFUSED_REQUESTS,
    AnalyticsEvent,
    ApiError,
    Configuration,
    Device,
    EffectivePermissions,
    EventType,
    Hardware,
    NotFoundError,
    PermissionDeniedError,
    RecordingServer,
    Resource,
    Site,
    Source,
    StateGroup,
    Thing,
    UserDefinedEvent,
)
from .groups import DeviceGroup
from .rights import Rights, read_rights

# Names in `unreadable` of lists whose rows are not sources.
EVENT_TYPES = "eventTypes"
STATE_GROUPS = "stateGroups"
# How many lists are read beside the site's.
LIST_COUNT = 11
# The lists that are read; metadata devices have events, but their list is not read.
LISTED = frozenset(Resource) - {Resource.METADATA}
CAN_BE_DISABLED = frozenset(
    {
        Resource.RECORDING_SERVERS,
        Resource.HARDWARE,
        Resource.CAMERAS,
        Resource.MICROPHONES,
        Resource.SPEAKERS,
        Resource.INPUT_EVENTS,
        Resource.OUTPUTS,
    }
)


@dataclass(frozen=True, kw_only=True)
class SiteInventory:
    """A snapshot of the site, which is never changed.

    `unreadable` has the names of lists that this user cannot read, `forbidden` those
    of them for which a right is missing. An object that is not listed may still exist,
    unless the inventory `is_complete`.
    """

    site: Site
    recording_servers: tuple[RecordingServer, ...]
    hardware: tuple[Hardware, ...]
    devices: tuple[Device, ...]
    event_types: tuple[EventType, ...]
    state_groups: tuple[StateGroup, ...]
    user_defined_events: tuple[UserDefinedEvent, ...]
    analytics_events: tuple[AnalyticsEvent, ...]
    unreadable: frozenset[str]
    forbidden: frozenset[str] = frozenset()
    hides_disabled: bool = False
    rights: Rights | None = None
    groups: tuple[DeviceGroup, ...] = ()

    @property
    def permissions(self) -> EffectivePermissions | None:
        """The user's permissions for each camera, `None` if the server lists none."""
        return None if self.rights is None else self.rights.cameras

    @property
    def is_complete(self) -> bool:
        """Whether the lists contain everything that the user may see."""
        return not self.unreadable and not self.hides_disabled

    def would_list(self, source: Source) -> bool:
        """Whether a source of this kind that is not listed does not exist."""
        is_shown = not self.hides_disabled or source.resource not in CAN_BE_DISABLED
        return source.resource in LISTED - self.unreadable and is_shown

    def has(self, source: Source) -> bool:
        """Whether a source exists and is enabled, according to the lists.

        Sources without a readable list count as existing.
        """
        return source in self._enabled or source.resource not in self._readable

    def has_list(self, source: Source) -> bool:
        """Whether sources of this kind have a list."""
        return source.resource in LISTED

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """The number of sources in each list, including disabled ones."""
        return Counter(source.resource or "" for source in self.source_names)

    @cached_property
    def _readable(self) -> frozenset[str]:
        return frozenset(LISTED - self.unreadable - {Resource.SITES})

    @cached_property
    def _enabled(self) -> frozenset[Source]:
        """All sources that are neither disabled nor part of a disabled hardware."""
        hardware = {item.id for item in self.hardware if not item.enabled}
        disabled = {item.source for item in self.items if not item.enabled}
        disabled |= {
            device.source for device in self.devices if device.hardware_id in hardware
        }
        return frozenset(self.source_names) - disabled

    @property
    def items(self) -> tuple[Thing, ...]:
        """What may have a device, each after what it belongs to."""
        return (*self.recording_servers, *self.hardware, *self.devices)

    def belongs_to(self, item: Thing) -> tuple[Source, ...]:
        """Return the hardware and the recorder that a thing belongs to."""
        if isinstance(item, Device):
            unit = self.hardware_by_id.get(item.hardware_id or "")
            return () if unit is None else (unit.source, *self.belongs_to(unit))
        if isinstance(item, Hardware) and item.recorder_id is not None:
            return (Source(Resource.RECORDING_SERVERS, item.recorder_id),)
        return ()

    @cached_property
    def source_names(self) -> dict[Source, str]:
        """The display names of all sources."""
        named = {Source(Resource.SITES, self.site.id): self.site.name}
        named.update((item.source, item.name) for item in self.items)
        named.update((item.source, item.name) for item in self.user_defined_events)
        for analytics in self.analytics_events:
            source = Source(Resource.ANALYTICS_EVENTS, analytics.id)
            named[source] = analytics.name
        return named

    @cached_property
    def sources_by_id(self) -> Mapping[str, Source]:
        """All sources by GUID."""
        return {source.id: source for source in reversed(self.source_names)}

    @cached_property
    def hardware_by_id(self) -> Mapping[str, Hardware]:
        """Hardware by GUID."""
        return {hardware.id: hardware for hardware in self.hardware}


async def read_site(configuration: Configuration) -> Site:
    """Read the site, whose id is the stable id of the whole system (protocol §2.1).

    Users without the right to read it see it as the parent of recording servers.
    Raises `PermissionDeniedError` when they see neither, or any other `ApiError`.
    """
    try:
        sites = await configuration.sites()
    except PermissionDeniedError, NotFoundError:
        sites = ()
    if sites:
        return sites[0]
    for server in await configuration.recording_servers():
        if server.site_id is not None:
            return Site(id=server.site_id, name="XProtect", version=server.version)
    raise PermissionDeniedError("This user may see neither site nor recording servers")


class _Reading:
    """Reads lists, and notes which of them the user may not read."""

    def __init__(self, progress: Callable[[float], None] | None) -> None:
        self.unreadable: set[str] = set()
        self.forbidden: set[str] = set()
        self._progress = progress
        self._done = 0

    async def read[T](
        self, name: str, method: Callable[[], Awaitable[tuple[T, ...]]]
    ) -> tuple[T, ...]:
        """Return the rows of a list, none if the server refuses it."""
        if self._progress is not None:
            self._progress(self._done / LIST_COUNT)
        self._done += 1
        try:
            return await method()
        except REFUSED_REQUESTS as err:
            self.unreadable.add(name)
            if isinstance(err, PermissionDeniedError):
                self.forbidden.add(name)
            return ()


async def read_inventory(
    configuration: Configuration, progress: Callable[[float], None] | None = None
) -> SiteInventory:
    """Read every list that the user may read, one after the other.

    One at a time is kind to a server on which a list can take a minute. `progress` is
    called with the part of the lists that were read, from 0 to 1. Raises any `ApiError`
    but a missing right.
    """
    reading = _Reading(progress)
    read = reading.read
    site = await read_site(configuration)
    return SiteInventory(
        site=site,
        recording_servers=await read(
            Resource.RECORDING_SERVERS, configuration.recording_servers
        ),
        hardware=await read(Resource.HARDWARE, configuration.hardware),
        devices=(
            *await read(Resource.CAMERAS, configuration.cameras),
            *await read(Resource.MICROPHONES, configuration.microphones),
            *await read(Resource.SPEAKERS, configuration.speakers),
            *await read(Resource.INPUT_EVENTS, configuration.input_events),
            *await read(Resource.OUTPUTS, configuration.outputs),
        ),
        event_types=await read(EVENT_TYPES, configuration.event_types),
        state_groups=await read(STATE_GROUPS, configuration.state_groups),
        user_defined_events=await read(
            Resource.USER_DEFINED_EVENTS, configuration.user_defined_events
        ),
        analytics_events=await read(
            Resource.ANALYTICS_EVENTS, configuration.analytics_events
        ),
        unreadable=frozenset(reading.unreadable),
        forbidden=frozenset(reading.forbidden),
        hides_disabled=configuration.hides_disabled,
        rights=await _read_rights(configuration),
    )


async def _read_rights(configuration: Configuration) -> Rights | None:
    """Return what the user may do, `None` if it cannot be read now."""
    try:
        return await read_rights(configuration)
    except ApiError:
        # The lists do not depend on it, and the next reading asks again.
        return None
