"""The objects of the Configuration API as values (protocol §3.2).

Every GUID is in lower case, because XProtect itself writes both cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from sys import intern
from typing import Self, override

from .address import web_address
from .errors import ResponseError
from .source import EventSource, Resource, Source
from .wire import MAX_ID, as_object, identifier, nested, optional_text, texts

# Characters of an address, which is shown as a link.
MAX_ADDRESS = 2000

# The nil GUID stands for "none" in several places of the protocol.
NIL_GUID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An object of which nothing but the name is needed."""

    id: str
    name: str

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of a list."""
        item = as_object(value, path)
        return cls(id=guid(item, "id", path), name=display_name(item, path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The site of the management server; its id does not change (protocol §2.1)."""

    id: str
    name: str
    version: str | None

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of `GET /sites`."""
        item = as_object(value, path)
        return cls(
            id=guid(item, "id", path),
            name=display_name(item, path),
            version=optional_text(item, "version"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingServer(EventSource):
    """A recording server; its parent is the site."""

    id: str
    name: str
    enabled: bool
    site_id: str | None
    version: str | None
    # Its addresses according to the server, that for the local network first.
    addresses: tuple[str, ...] = ()

    @property
    @override
    def resource(self) -> Resource:
        """The list that it is in."""
        return Resource.RECORDING_SERVERS

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of `GET /recordingServers`."""
        item = as_object(value, path)
        return cls(
            id=guid(item, "id", path),
            name=display_name(item, path),
            enabled=_enabled(item),
            site_id=_parent_id(item),
            version=optional_text(item, "version"),
            addresses=tuple(
                address
                for key in ("webServerUri", "activeWebServerUri")
                if (address := optional_text(item, key, MAX_ADDRESS))
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware(EventSource):
    """A physical device; its cameras, microphones, inputs and so on are children."""

    id: str
    name: str
    enabled: bool
    model: str | None
    web_address: str | None
    recorder_id: str | None = None

    @property
    @override
    def resource(self) -> Resource:
        """The list that it is in."""
        return Resource.HARDWARE

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of `GET /hardware`."""
        item = as_object(value, path)
        return cls(
            id=guid(item, "id", path),
            name=display_name(item, path),
            enabled=_enabled(item),
            model=optional_text(item, "model"),
            web_address=web_address(optional_text(item, "address", MAX_ADDRESS)),
            recorder_id=_parent_id(item),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(EventSource):
    """A camera, microphone, speaker, input or output of a hardware."""

    resource: Resource
    id: str
    name: str
    enabled: bool
    hardware_id: str | None
    # Whether a camera can be turned to presets; newer servers say so.
    is_ptz: bool = False

    @classmethod
    def from_wire(cls, resource: Resource, value: object, path: str) -> Self:
        """Decode a row of the list of that resource."""
        item = as_object(value, path)
        return cls(
            resource=resource,
            id=guid(item, "id", path),
            name=display_name(item, path),
            enabled=_enabled(item),
            hardware_id=_parent_id(item),
            is_ptz=item.get("ptzEnabled") is True,
        )


# What may have a device of its own in Home Assistant.
type Thing = RecordingServer | Hardware | Device


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """An event type. A stateful one has a state and the group of that state."""

    id: str
    name: str
    generator_type: str | None
    generator_subtype: str | None
    source_types: tuple[str, ...]
    state_group_id: str | None
    state: str | None

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of `GET /eventTypes`."""
        item = as_object(value, path)
        return cls(
            id=guid(item, "id", path),
            name=display_name(item, path),
            generator_type=optional_text(item, "generatorType"),
            generator_subtype=optional_text(item, "generatorSubtype"),
            source_types=texts(item, "sourceArray"),
            state_group_id=optional_guid(item, "stateGroupId"),
            state=optional_text(item, "state"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StateGroup:
    """A set of states; a source has one of them at a time (protocol §7.2)."""

    id: str
    name: str
    states: tuple[str, ...] = ()

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of `GET /stateGroups`; its id may stand in `relations` only."""
        item = as_object(value, path)
        own_id = optional_guid(item, "id") or optional_guid(
            nested(item, "relations", "self"), "id"
        )
        if own_id is None:
            raise ResponseError(f"{path}.relations.self.id is missing")
        return cls(
            id=own_id,
            name=display_name({**item, "id": own_id}, path),
            states=texts(item, "states"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDefinedEvent:
    """A user-defined event; its id is also the id of its event type."""

    id: str
    name: str
    is_system: bool

    @property
    def source(self) -> Source:
        """The source of its events when the trigger names no other source."""
        return Source(Resource.USER_DEFINED_EVENTS, self.id)

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode a row of `GET /userDefinedEvents`."""
        item = as_object(value, path)
        return cls(
            id=guid(item, "id", path),
            name=display_name(item, path),
            is_system=(optional_text(item, "subtype") or "").lower() == "system",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsEvent(Named):
    """An analytics event; its id is also the id of its event type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The content of the well-known document, which needs no token (protocol §2)."""

    product_version: str | None
    identity_provider: str | None
    management_server: str | None = None

    @classmethod
    def from_wire(cls, value: object, path: str) -> Self:
        """Decode `GET /api/.well-known/uris`."""
        item = as_object(value, path)
        gateway = cls(
            product_version=optional_text(item, "ProductVersion"),
            identity_provider=optional_text(item, "IdentityProvider"),
            management_server=optional_text(item, "SecureManagementServer"),
        )
        if gateway.product_version is None and gateway.identity_provider is None:
            raise ResponseError(f"{path}.ProductVersion is missing")
        return gateway


def guid(item: Mapping[str, object], key: str, path: str) -> str:
    """Return a required GUID in lower case. Raises `ResponseError` without one.

    The same string for the same id: those of parents are in thousands of rows.
    """
    return intern(identifier(item, key, path).lower())


def optional_guid(item: Mapping[str, object], key: str) -> str | None:
    """Return a GUID in lower case; `None` if it is missing, empty or nil."""
    value = item.get(key)
    if not isinstance(value, str) or len(value) > MAX_ID or not value.isprintable():
        return None
    return None if value in {"", NIL_GUID} else intern(value.lower())


def display_name(item: Mapping[str, object], path: str) -> str:
    """Return the name that people see, else the id. Raises `ResponseError`."""
    return (
        optional_text(item, "displayName")
        or optional_text(item, "name")
        or identifier(item, "id", path)
    )


def _enabled(item: Mapping[str, object]) -> bool:
    return item.get("enabled") is not False


def _parent_id(item: Mapping[str, object]) -> str | None:
    return optional_guid(nested(item, "relations", "parent"), "id")
