"""Writes the records of a site's items, after documentation and real answers."""

from collections.abc import Callable, Mapping

from yarl import URL

from ..happening.world import World
from ..identifiers import guid_of
from ..site.items import DEVICE_KINDS, GROUP_KINDS, Item
from ..site.layout import storage_id
from ..site.storages import STORAGE_MB, StorageState
from .forms import MODIFIED, NEVER, NO_ID, Record, reference

# The resources that can be disabled, according to the documentation.
_CAN_BE_DISABLED = (
    *DEVICE_KINDS,
    "hardware",
    "recordingServers",
    "failoverRecorders",
    "alarmDefinitions",
    "genericEvents",
    "genericEventDataSources",
    "rules",
)
# The resources without `lastModified` in the documentation.
_WITHOUT_DATE = ("alarmDefinitions", "ptzPresets")
_WITHOUT_DESCRIPTION = ("userDefinedEvents", "genericEvents")

# Days that recordings are kept, in minutes.
_RETAINED_MINUTES = 7 * 24 * 60


def item_to_wire(world: World, item: Item, *, with_parent: bool = True) -> Record:
    """Return the record of an item."""
    record: Record = {
        "displayName": item.name,
        "enabled": item.is_enabled,
        "id": item.id,
        "name": item.name,
        "description": "",
        "lastModified": MODIFIED,
        **_FIELDS.get(item.kind, _nothing)(world, item),
    }
    if item.kind not in _CAN_BE_DISABLED:
        del record["enabled"]
    if item.kind in _WITHOUT_DESCRIPTION:
        del record["description"]
    if item.kind in _WITHOUT_DATE:
        del record["lastModified"]
    relations: Record = {"self": reference(item.path)}
    if item.parent is not None and with_parent and item.kind not in GROUP_KINDS:
        relations["parent"] = reference(item.parent)
    record["relations"] = relations
    return record


def storage_information_to_wire(world: World, storage: Item) -> Record:
    """Return the live status of a storage; sizes are in MB."""
    state = world.storage_states.get(storage.id, StorageState())
    return {
        "displayName": storage.name,
        "isAvailable": state.is_available,
        "isMounted": state.is_mounted,
        "usedSpace": state.used_mb,
        "lockedUsedSpace": state.locked_mb,
        "anyTablesWithData": "True",
        "lastUpdated": MODIFIED,
        "relations": {
            "parent": reference(storage.path),
            "self": {"type": "storageInformation", "id": storage.id},
        },
    }


def driver_settings_to_wire(world: World, item: Item) -> Record:
    """Return the driver's settings of a hardware."""
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
        "lastStatusHandshake": MODIFIED,
        # In MB.
        "physicalMemory": 16_384,
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
        # Minutes after midnight; -1 is never, the default.
        "synchronizationTime": -1,
        "timeZoneName": "Romance Standard Time",
        "hostName": address.host,
        "portNumber": address.port,
        "webServerUri": str(address),
        # Empty without public access.
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
        "passwordLastModified": NEVER,
        "hardwareDriverPath": {
            "type": "hardwareDrivers",
            "id": guid_of(world.options.seed, "drivers", item.extra["model"]),
        },
    }


def _device(_world: World, item: Item) -> Record:
    return {
        "channel": item.extra["channel"],
        "createdDate": NEVER,
        "gisPoint": "POINT EMPTY",
        "shortName": "",
        "icon": 0,
        "coverageDirection": 0.0,
        "coverageDepth": 4.57,
        "coverageFieldOfView": 0.25,
    }


def _recorded(world: World, item: Item) -> Record:
    return {
        **_device(world, item),
        "failoverSetting": "FullSupport",
        "recordingEnabled": True,
        "prebufferEnabled": True,
        "prebufferInMemory": True,
        "prebufferSeconds": 3,
        "edgeStorageEnabled": False,
        "edgeStoragePlaybackEnabled": False,
        "manualRecordingTimeoutEnabled": True,
        "manualRecordingTimeoutMinutes": 5,
        "recordingStorage": {"type": "storages", "id": _recording_storage(world, item)},
    }


def _recording_storage(world: World, item: Item) -> str:
    unit = world.find(item.parent or "")
    recorder = unit.parent if unit is not None else None
    _, _, recorder_id = (recorder or "").partition("/")
    return storage_id(world.options.seed, recorder_id) if recorder_id else NO_ID


def _camera(world: World, item: Item) -> Record:
    return {
        **_recorded(world, item),
        "recordingFramerate": 5,
        "recordKeyframesOnly": False,
        "recordOnRelatedDevices": True,
        "ptzEnabled": item.extra["ptz"],
    }


def _storage(_world: World, _item: Item) -> Record:
    return {
        "createdDate": NEVER,
        "diskPath": "C:\\MediaDatabase",
        "encryptionMethod": "None",
        "isDefault": True,
        "maxSize": STORAGE_MB,
        "retainMinutes": _RETAINED_MINUTES,
        "signing": False,
    }


def _preset(_world: World, item: Item) -> Record:
    return {
        "defaultPreset": item.extra["number"] == 0,
        "devicePreset": False,
        "devicePresetInternalId": "",
        "locked": False,
        "pan": item.extra["pan"],
        "tilt": 0.0,
        "zoom": 0.0,
    }


def _group(_world: World, _item: Item) -> Record:
    return {"builtIn": False}


def _user_defined_event(_world: World, item: Item) -> Record:
    return {"subtype": item.extra["subtype"], "createdDate": NEVER}


def _analytics_event(_world: World, _item: Item) -> Record:
    return {"sourceArray": ["Camera", "CameraGroup"]}


def _generic_event(world: World, item: Item) -> Record:
    return {
        "dataSource": guid_of(world.options.seed, "genericEventDataSources", item.name),
        "expression": '"DOOR"',
        "expressionType": "0",
        "priority": 0,
        "shadowId": guid_of(world.options.seed, "shadows", item.id),
    }


def _alarm_definition(_world: World, item: Item) -> Record:
    sources = item.extra.get("sources", ())
    return {
        "assignableToAdmins": False,
        "autoClose": item.extra.get("closed_by") is not None,
        "category": "",
        "disableEventList": [],
        "enableEventList": [],
        # 0: always; a time profile and events are the others.
        "enableRule": "0",
        "eventType": item.extra.get("event_type", ""),
        "eventTypeGroup": item.extra.get("event_group", ""),
        "managementTimeoutEventList": [],
        "managementTimeoutTime": "00:01:00",
        "mapType": "0",
        "owner": "",
        "priority": item.extra.get("priority", ""),
        "relatedCameraList": [],
        "relatedMap": "",
        "sourceList": [reference(path) for path in sources]
        if isinstance(sources, tuple)
        else [],
        "timeProfile": {"type": "timeProfiles", "id": NO_ID},
        "triggerEventlist": [],
    }


def _role(_world: World, _item: Item) -> Record:
    return {
        "allowMobileClientLogOn": True,
        "allowSmartClientLogOn": True,
        "allowWebClientLogOn": True,
        "dualAuthorizationRequired": False,
        "makeUsersAnonymousDuringPTZSession": False,
        "roleType": "Adminstrative",
    }


_FIELDS: Mapping[str, Callable[[World, Item], Record]] = {
    **dict.fromkeys(DEVICE_KINDS, _device),
    **dict.fromkeys(GROUP_KINDS, _group),
    "sites": _site,
    "recordingServers": _recorder,
    "storages": _storage,
    "hardware": _hardware,
    "cameras": _camera,
    "microphones": _recorded,
    "speakers": _recorded,
    "metadata": _recorded,
    "ptzPresets": _preset,
    "userDefinedEvents": _user_defined_event,
    "analyticsEvents": _analytics_event,
    "alarmDefinitions": _alarm_definition,
    "genericEvents": _generic_event,
    "roles": _role,
}
