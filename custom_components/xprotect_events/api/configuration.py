"""Reads the lists of the Configuration API: sites, devices, event types and so on."""

import asyncio
from collections.abc import Callable
from functools import partial
from itertools import batched

from .body import LISTS
from .discovery import read_gateway
from .errors import RejectedError
from .groups import GROUPED, GroupName
from .models import (
    AnalyticsEvent,
    Device,
    EventType,
    Gateway,
    Hardware,
    RecordingServer,
    Site,
    StateGroup,
    UserDefinedEvent,
)
from .presets import Preset
from .rows import read_rows
from .security import EffectivePermissions, SecurityNamespace
from .source import Resource
from .storages import Storage, StorageStatus
from .transport import Query, Transport
from .wire import decode_each

# 2,489 hardware took between 30 and 180 s on a real site (protocol §3.1).
INVENTORY_TIMEOUT = 180.0
# Seconds. The management server asks the recorder; the gateway waits for longer.
STATUS_TIMEOUT = 60.0
# Rows to decode before the event loop runs other tasks: a few milliseconds.
PORTION = 200
# Without this flag the server omits disabled devices (protocol §3.1).
WITH_DISABLED: Query = (("disabled", None),)


class Configuration:
    """Reads lists of everything that the user may see.

    Every method may raise any `ApiError`; a missing right is `PermissionDeniedError`.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        # Whether lists lack disabled rows because the server refused the flag.
        self.hides_disabled = False

    async def gateway(self) -> Gateway:
        """Read the well-known document, which needs no token (protocol §2).

        Raises `NotAGatewayError` when no gateway answers at this address.
        """
        return read_gateway(await self._transport.get_unsigned(".well-known/uris"))

    async def sites(self) -> tuple[Site, ...]:
        """List the site of this management server (one row)."""
        return await self._list("sites", Site.from_wire)

    async def recording_servers(self) -> tuple[RecordingServer, ...]:
        """List recording servers, disabled included."""
        return await self._list_with_disabled(
            Resource.RECORDING_SERVERS, RecordingServer.from_wire
        )

    async def hardware(self) -> tuple[Hardware, ...]:
        """List hardware, disabled included."""
        return await self._list_with_disabled("hardware", Hardware.from_wire)

    async def cameras(self) -> tuple[Device, ...]:
        """List cameras, disabled included."""
        return await self._devices(Resource.CAMERAS)

    async def microphones(self) -> tuple[Device, ...]:
        """List microphones, disabled included."""
        return await self._devices(Resource.MICROPHONES)

    async def speakers(self) -> tuple[Device, ...]:
        """List speakers, disabled included."""
        return await self._devices(Resource.SPEAKERS)

    async def input_events(self) -> tuple[Device, ...]:
        """List inputs, disabled included."""
        return await self._devices(Resource.INPUT_EVENTS)

    async def outputs(self) -> tuple[Device, ...]:
        """List outputs, disabled included."""
        return await self._devices(Resource.OUTPUTS)

    async def event_types(self) -> tuple[EventType, ...]:
        """List event types: built-in, of drivers and plug-ins, user-defined."""
        return await self._list("eventTypes", EventType.from_wire)

    async def state_groups(self) -> tuple[StateGroup, ...]:
        """List state groups."""
        return await self._list("stateGroups", StateGroup.from_wire)

    async def user_defined_events(self) -> tuple[UserDefinedEvent, ...]:
        """List user-defined events, the three system ones included."""
        return await self._list("userDefinedEvents", UserDefinedEvent.from_wire)

    async def analytics_events(self) -> tuple[AnalyticsEvent, ...]:
        """List analytics events."""
        return await self._list("analyticsEvents", AnalyticsEvent.from_wire)

    async def storages(self, recorder_id: str) -> tuple[Storage, ...]:
        """List where a recording server keeps recordings."""
        path = f"{Resource.RECORDING_SERVERS}/{recorder_id}/storages"
        return await self._list(path, Storage.from_wire)

    async def storage_status(self, storage_id: str) -> StorageStatus:
        """Read how full a storage is."""
        path = f"storageInformation/{storage_id}"
        reply = await self._transport.get(path, timeout=STATUS_TIMEOUT)
        return StorageStatus.from_wire(reply, path)

    async def presets(self, camera_id: str) -> tuple[Preset, ...]:
        """List the positions that a camera can be sent to."""
        path = f"{Resource.CAMERAS}/{camera_id}/ptzPresets"
        return await self._list(path, Preset.from_wire)

    async def groups(
        self, kind: str, parent_id: str | None = None
    ) -> tuple[GroupName, ...]:
        """List groups of a kind of `GROUPED`: all, or those right below another."""
        path = kind if parent_id is None else f"{kind}/{parent_id}/{kind}"
        return await self._list(path, GroupName.from_wire)

    async def group_members(self, kind: str, group_id: str) -> tuple[Device, ...]:
        """List what is right in a group, disabled included."""
        resource = GROUPED[kind]
        return await self._list_with_disabled(
            f"{kind}/{group_id}/{resource}", partial(Device.from_wire, resource)
        )

    async def security_namespaces(self) -> tuple[SecurityNamespace, ...]:
        """List the actions that a role can allow. From 2024 R2 on (protocol §3.4)."""
        return await self._list("securityNamespaces", SecurityNamespace.from_wire)

    async def permissions(self, namespace_id: str) -> EffectivePermissions:
        """Read what the user may do with the objects of a namespace."""
        path = f"effectivePermissions/{namespace_id}"
        reply = await self._transport.get(path, timeout=INVENTORY_TIMEOUT, limit=LISTS)
        return EffectivePermissions.from_wire(reply, path)

    async def _devices(self, resource: Resource) -> tuple[Device, ...]:
        return await self._list_with_disabled(
            resource, partial(Device.from_wire, resource)
        )

    async def _list_with_disabled[T](
        self, resource: str, decode: Callable[[object, str], T]
    ) -> tuple[T, ...]:
        try:
            return await self._list(resource, decode, WITH_DISABLED)
        except RejectedError:
            # Some builds refuse query parameters that others take (protocol §3.1).
            self.hides_disabled = True
            return await self._list(resource, decode)

    async def _list[T](
        self, resource: str, decode: Callable[[object, str], T], query: Query = ()
    ) -> tuple[T, ...]:
        answer = await self._transport.request(
            "GET", resource, query, timeout=INVENTORY_TIMEOUT, limit=LISTS
        )
        found: list[T] = []
        rows = read_rows(answer.body, resource, "array")
        for portion in batched(rows, PORTION, strict=False):
            decoded = decode_each(decode, portion, resource)
            found += self._transport.unreadable.readable(resource, decoded)
            # Let the event loop run other tasks.
            await asyncio.sleep(0)
        return tuple(found)
