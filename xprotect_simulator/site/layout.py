"""Creates the items of a site of any size."""

from collections.abc import Iterator
import math

from ..identifiers import guid_of, seeded
from ..options import Options
from .alarm_settings import alarm_definitions
from .items import GROUP_KINDS, Item

CAMERA_NAMES = (
    "Front door",
    "Driveway",
    "Garden",
    "Terrace",
    "Garage",
    "Back yard",
)

# Cameras per recorder; real sites have 100 to 200.
_CAMERAS_PER_RECORDER = 150
_CAMERAS_PER_GROUP = 100

# The number of the only PTZ camera.
_PTZ_CAMERA = 2

# Every eighth hardware has several lenses, with so many channels.
_MULTI_CHANNEL_EVERY = 8
_CHANNELS = 4

_MODELS = (
    "AXIS P3265-LVE Dome Camera",
    "AXIS Q1656-LE Box Camera",
    "Hanwha XNV-8083R",
    "Bosch NDE-3702-AL",
    "MOBOTIX M73",
)


def build_site(options: Options) -> Iterator[Item]:
    """Yield all items of a site, parents before children."""
    seed = options.seed
    site = Item(kind="sites", id=guid_of(seed, "site"), name="Simulated site")
    yield site
    recorders = [
        Item(
            kind="recordingServers",
            id=guid_of(seed, "recordingServers", number),
            name=f"RECORDER-{number + 1:02d}",
            parent=site.path,
        )
        for number in range(_recorder_count(options))
    ]
    yield from recorders
    for recorder in recorders:
        yield from _storages(seed, recorder)
    yield from _hardware(options, recorders)
    yield from _groups(options)
    yield from _events(seed)
    yield from alarm_definitions(seed)
    yield from _others(seed, site)


def _recorder_count(options: Options) -> int:
    needed = max(1, math.ceil(options.cameras / _CAMERAS_PER_RECORDER))
    return needed if options.recorders is None else max(1, options.recorders)


def camera_of(seed: int, number: int, parent: str, channel: int) -> Item:
    """Return the camera with a number."""
    name = (
        CAMERA_NAMES[number]
        if number < len(CAMERA_NAMES)
        else f"Camera {number + 1:04d}"
    )
    return Item(
        kind="cameras",
        id=guid_of(seed, "cameras", number),
        name=name,
        parent=parent,
        extra={"channel": channel, "ptz": number == _PTZ_CAMERA},
    )


def storage_id(seed: int, recorder: str) -> str:
    """Return the id of the storage of a recorder's cameras."""
    return guid_of(seed, "storages", recorder)


def hardware_of(seed: int, number: int, recorder: str) -> Item:
    """Return the hardware with a number, named as XProtect names what it finds."""
    model = seeded(seed, "model", number).choice(_MODELS)
    host = f"10.{number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"
    return Item(
        kind="hardware",
        id=guid_of(seed, "hardware", number),
        name=f"{model} ({host})",
        parent=recorder,
        extra={"address": f"http://{host}/", "model": model},
    )


def _hardware(options: Options, recorders: list[Item]) -> Iterator[Item]:
    """Yield hardware with its devices until there are enough cameras."""
    number = 0
    camera_number = 0
    while camera_number < options.cameras:
        several = number % _MULTI_CHANNEL_EVERY == 2  # noqa: PLR2004 - any will do
        channels = min(_CHANNELS if several else 1, options.cameras - camera_number)
        recorder = (
            recorders[camera_number // _CAMERAS_PER_RECORDER]
            if options.recorders is None
            else recorders[number % len(recorders)]
        )
        first = camera_of(options.seed, camera_number, "", 0)
        unit = hardware_of(options.seed, number, recorder.path)
        yield unit
        for channel in range(channels):
            camera = camera_of(
                options.seed, camera_number + channel, unit.path, channel
            )
            yield camera
            if camera.extra["ptz"]:
                yield from _presets(options.seed, camera)
        yield from _other_devices(options.seed, unit, number, first.name)
        number += 1
        camera_number += channels


def _other_devices(seed: int, unit: Item, number: int, place: str) -> Iterator[Item]:
    """Yield the other devices of a hardware; the first two have the most."""

    def device(kind: str, name: str) -> Item:
        return Item(
            kind=kind,
            id=guid_of(seed, kind, number),
            name=name,
            parent=unit.path,
            extra={"channel": 0},
        )

    yield device("microphones", f"{place} microphone")
    yield device("metadata", f"{place} metadata")
    if number == 0:
        yield device("speakers", f"{place} speaker")
        yield device("outputs", "Siren")
    if number == 1:
        yield device("inputEvents", "Gate")
        yield device("outputs", "Gate opener")


def _presets(seed: int, camera: Item) -> Iterator[Item]:
    """Yield the PTZ presets of a camera."""
    for number, name in enumerate(("Home", "Gate", "Pond")):
        yield Item(
            kind="ptzPresets",
            id=guid_of(seed, "ptzPresets", camera.id, number),
            name=name,
            parent=camera.path,
            # From one end of -1 to 1 to the other.
            extra={"number": number, "pan": (number - 1) / 2},
        )


def _storages(seed: int, recorder: Item) -> Iterator[Item]:
    """Yield the storages of a recorder."""
    yield Item(
        kind="storages",
        id=storage_id(seed, recorder.id),
        name="Local default",
        parent=recorder.path,
    )


def _groups(options: Options) -> Iterator[Item]:
    """Yield groups of devices; the first camera is in several, one is nested."""
    seed = options.seed
    ids = [guid_of(seed, "cameras", number) for number in range(options.cameras)]

    def group(kind: str, name: str, members: list[str], parent: str | None) -> Item:
        paths = frozenset(f"{GROUP_KINDS[kind]}/{one}" for one in members)
        return Item(
            kind=kind,
            id=guid_of(seed, kind, name),
            name=name,
            parent=parent,
            extra={"members": paths},
        )

    perimeter = group("cameraGroups", "Perimeter", ids[2:3], None)
    yield perimeter
    yield group("cameraGroups", "Entrances", ids[:2], perimeter.path)
    for start in range(0, len(ids), _CAMERAS_PER_GROUP):
        members = ids[start : start + _CAMERAS_PER_GROUP]
        name = f"Cameras {start + 1}-{start + len(members)}"
        yield group("cameraGroups", name, members, None)
    yield group("inputEventGroups", "Gates", [guid_of(seed, "inputEvents", 1)], None)
    yield group("outputGroups", "Sirens", [guid_of(seed, "outputs", 0)], None)


def _events(seed: int) -> Iterator[Item]:
    """Yield the user-defined and analytics events of this site."""
    for name in ("Gate open", "Good night", "Parcel arrived", "Panic"):
        yield Item(
            kind="userDefinedEvents",
            id=guid_of(seed, "userDefinedEvents", name),
            name=name,
            extra={"subtype": "UserDefined"},
        )
    for name in ("Doorbell pressed", "Licence plate read"):
        yield Item(
            kind="analyticsEvents",
            id=guid_of(seed, "analyticsEvents", name),
            name=name,
        )


def _others(seed: int, site: Item) -> Iterator[Item]:
    """Yield further items that an administrator sees; some have the site's id."""
    yield Item(kind="licenseInformations", id=site.id, name="XProtect Corporate")
    yield Item(kind="owner", id=site.id, name="Site owner")
    for kind, name in (
        ("genericEvents", "Door controller"),
        ("genericEventDataSources", "Compatible"),
        ("roles", "Administrators"),
        ("rules", "Default Record on Motion Rule"),
    ):
        yield Item(kind=kind, id=guid_of(seed, kind, name), name=name)
