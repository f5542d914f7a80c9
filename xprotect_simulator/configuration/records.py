"""How the things of the configuration look on the wire, after recorded answers."""

from collections.abc import Callable, Mapping

from yarl import URL

from ..happening.world import World
from ..identifiers import guid_of
from ..site.event_types import EventType, StateGroup, group_id
from ..site.items import DEVICE_KINDS, Item

type Record = dict[str, object]

_MODIFIED = "2025-06-01T08:15:30.1234567Z"

# How the server writes a date that never was; it has no zone.
_NEVER = "0001-01-01T00:00:00.0000000"

_NO_ID = "00000000-0000-0000-0000-000000000000"


def reference(path: str) -> Record:
    """Return a link to an item."""
    kind, _, item_id = path.partition("/")
    return {"type": kind, "id": item_id}


def item_to_wire(world: World, item: Item) -> Record:
    """Return the record of an item."""
    record: Record = {
        "displayName": item.name,
        "enabled": item.is_enabled,
        "id": item.id,
        "name": item.name,
        "description": "",
        "lastModified": _MODIFIED,
        **_FIELDS.get(item.kind, _nothing)(world, item),
    }
    if item.kind in _WITHOUT_ENABLED:
        del record["enabled"]
    relations: Record = {"self": reference(item.path)}
    if item.parent is not None:
        relations["parent"] = reference(item.parent)
    record["relations"] = relations
    return record


def event_type_to_wire(world: World, event_type: EventType) -> Record:
    """Return the record of an event type."""
    seed = world.options.seed
    record: Record = {
        "displayName": event_type.display_name,
        "id": event_type.id,
        "name": event_type.name,
        "lastModified": _MODIFIED,
        "description": "",
        "generatorType": event_type.generator_type,
        "generatorSubtype": event_type.generator_subtype,
        "generatorName": event_type.generator_type,
        # The letter case of GUIDs differs from place to place on real servers.
        "generatorID": guid_of(seed, "generator", event_type.generator_type).upper(),
        "generatorGroupName": event_type.group,
        "generatorGroupId": group_id(seed, event_type.group),
        "occursGlobally": False,
        "builtIn": False,
        "counterEventID": event_type.counterpart or _NO_ID,
        "sourceArray": list(event_type.sources),
        "sourceFilterArray": ["" for _ in event_type.sources],
    }
    if event_type.state_group is not None:
        record["stateGroupId"] = event_type.state_group
        record["state"] = event_type.state
    else:
        record["stateGroupId"] = ""
        record["state"] = ""
    record["relations"] = {
        "parent": {
            "type": "eventTypeGroups",
            "id": group_id(seed, event_type.group),
        },
        "self": {"type": "eventTypes", "id": event_type.id},
    }
    return record


def event_type_groups_to_wire(world: World) -> list[Record]:
    """Return the records of all groups of event types."""
    names = dict.fromkeys(entry.group for entry in world.event_types.values())
    return [
        {
            "displayName": name,
            "relations": {
                "self": {
                    "type": "eventTypeGroups",
                    "id": group_id(world.options.seed, name),
                }
            },
        }
        for name in names
    ]


def state_group_to_wire(group: StateGroup) -> Record:
    """Return the record of a state group, which has no id of its own."""
    return {
        "displayName": group.display_name,
        "name": group.display_name.replace(" ", ""),
        "lastModified": _MODIFIED,
        "states": list(group.states),
        "relations": {"self": {"type": "stateGroups", "id": group.id}},
    }


def driver_settings_to_wire(world: World, item: Item) -> Record:
    """Return what a driver tells about its hardware."""
    serial = guid_of(world.options.seed, "serial", item.id).replace("-", "")[:12]
    return {
        "displayName": "Settings",
        "hardwareDriverSettings": {
            "macAddress": serial.upper(),
            "serialNumber": serial.upper(),
            "firmwareVersion": "11.8.61",
            "productID": str(item.extra["model"]),
            "detectedModelName": str(item.extra["model"]),
            "httpSEnabled": "No",
            "httpSPort": 443,
        },
        "relations": {
            "parent": reference(item.path),
            "self": {"type": "hardwareDriverSettings", "id": item.id},
        },
    }


def _nothing(_world: World, _item: Item) -> Record:
    return {}


def _site(world: World, _item: Item) -> Record:
    return {
        "timeZone": "Romance Standard Time",
        "computerName": "XPROTECT",
        "domainName": "",
        "lastStatusHandshake": _MODIFIED,
        "physicalMemory": 17_179_869_184,
        "platform": "[Not Available]",
        "processors": 8,
        "serviceAccount": "S-1-5-20",
        "synchronizationStatus": 0,
        "masterSiteAddress": "",
        "version": world.product_version,
    }


def _recorder(world: World, item: Item) -> Record:
    host = item.name.lower()
    address = URL(world.recorder_address(item) or f"http://{host}:7563/")
    return {
        "synchronizationTime": 0,
        "timeZoneName": "Romance Standard Time",
        "hostName": address.host,
        "portNumber": address.port,
        "webServerUri": str(address),
        # There is none without public access.
        "activeWebServerUri": "",
        "publicAccessEnabled": False,
        "publicWebserverHostName": "",
        "publicWebserverPort": 0,
        "multicastServerAddress": "0.0.0.0",  # noqa: S104 - nobody listens there
        "shutdownOnStorageFailure": False,
        "version": world.product_version,
    }


def _hardware(world: World, item: Item) -> Record:
    return {
        "address": item.extra["address"],
        "userName": "root",
        "model": item.extra["model"],
        "passwordLastModified": _NEVER,
        "hardwareDriverPath": {
            "type": "hardwareDrivers",
            "id": guid_of(world.options.seed, "drivers", item.extra["model"]),
        },
    }


def _device(_world: World, item: Item) -> Record:
    return {
        "channel": item.extra["channel"],
        "createdDate": _NEVER,
        "gisPoint": "POINT EMPTY",
        "shortName": "",
        "icon": 0,
    }


def _recorded(world: World, item: Item) -> Record:
    return {
        **_device(world, item),
        "recordingEnabled": True,
        "prebufferEnabled": True,
        "prebufferInMemory": True,
        "prebufferSeconds": 3,
        "edgeStorageEnabled": False,
        "edgeStoragePlaybackEnabled": False,
        "manualRecordingTimeoutEnabled": True,
        "manualRecordingTimeoutMinutes": 5,
        "recordingStorage": {
            "type": "storages",
            "id": guid_of(world.options.seed, "storages", 0),
        },
    }


def _camera(world: World, item: Item) -> Record:
    return {
        **_recorded(world, item),
        "coverageDirection": 0.0,
        "coverageDepth": 4.57,
        "coverageFieldOfView": 0.25,
        "recordingFramerate": 5,
        "recordKeyframesOnly": False,
        "recordOnRelatedDevices": True,
        "ptzEnabled": False,
        "failoverSetting": "FullSupport",
    }


def _user_defined_event(_world: World, item: Item) -> Record:
    return {"subtype": item.extra["subtype"], "createdDate": _NEVER}


def _analytics_event(_world: World, _item: Item) -> Record:
    return {"sourceArray": ["Camera", "CameraGroup"]}


_WITHOUT_ENABLED = (
    "sites",
    "userDefinedEvents",
    "analyticsEvents",
    "cameraGroups",
)

_FIELDS: Mapping[str, Callable[[World, Item], Record]] = {
    **dict.fromkeys(DEVICE_KINDS, _device),
    "sites": _site,
    "recordingServers": _recorder,
    "hardware": _hardware,
    "cameras": _camera,
    "microphones": _recorded,
    "speakers": _recorded,
    "metadata": _recorded,
    "userDefinedEvents": _user_defined_event,
    "analyticsEvents": _analytics_event,
}
