"""Display names and words of the built-in event types (protocol §7.1)."""

from collections.abc import Mapping
import re

from ..api import Resource
from .built_in import MOTION_STARTED, MOTION_STOPPED, SYSTEM_CONFIGURATION_CHANGED

# The display names of XProtect's English installation.
EVENT_TYPE_NAMES = {
    MOTION_STARTED: "Motion Started",
    MOTION_STOPPED: "Motion Stopped",
    "4577f552-765a-438c-bc7d-e5ff1f754bc3": "Recording Started",
    "79a94f89-92de-4fca-8a43-5561d407423d": "Recording Stopped",
    "dd3e6464-7dc0-405a-a92f-6150587563e8": "Communication Started",
    "0ee90664-2924-42a0-a816-4129d0ecabdc": "Communication Stopped",
    "a334af1c-4b4b-4957-9e5f-ab8ca07feab6": "Communication Error",
    "6baad64b-c395-4f52-b6a3-dd1b64aa2f0f": "Communication Error (Hardware)",
    "0553c396-5e16-4c22-b3d1-f548e42dfbb4": "Communication Started (Hardware)",
    "63ea1f06-5a83-4f39-9fab-49959fde7b66": "Communication Stopped (Hardware)",
    "eeda47ff-4f3d-459e-8143-69896c7c74ad": "Live Client Feed Requested",
    "66bdd008-b856-44b6-b385-b1f6c3f76f1b": "Live Client Feed Terminated",
    "536ad730-05ae-42cd-b14c-07b07c293e79": "Feed Overflow Started",
    "247fef11-15db-4c99-99db-de5475eae443": "Feed Overflow Stopped",
    "836ca458-a833-4742-8ee0-64b2380984bd": "Input Activated",
    "8666e3dc-57a7-4f38-9611-51d774ee7358": "Input Deactivated",
    "fda121b3-2070-4f31-a086-9f74e16580c0": "Input Changed",
    "f84c8443-bfe3-4eca-b69b-07daebc63a02": "Input Sensor",
    "7a78f5bb-d8c3-4997-89b7-cae72713b7db": "Output Activated",
    "35742498-bcc5-4f0a-9800-827c9388d1cd": "Output Deactivated",
    "672f9f80-55fe-496f-bee4-6c870bab5064": "Output Changed",
    "7cfc6709-2c16-405f-9182-0bdb6f9f7e43": "Bookmark Reference Requested",
    "2eeb582a-1506-4d73-96c9-ad356acf85fb": "PTZ Manual Session Started",
    "eed47283-694f-4683-9e4d-18e7d93cf796": "PTZ Manual Session Stopped",
    "a600c492-11c8-4d65-92db-6d46209ce9ea": "Hardware Settings Changed",
    "829a93ab-1ac0-4aeb-bda0-ed8f6d8f514b": "Hardware Settings Changed Error",
    "4c8be5ed-80fa-43e7-bf5b-4e7570ad0025": "Device Settings Changed",
    "87be2a0d-c33b-4b5f-ae1f-afa6770a2497": "Device Settings Changed Error",
    "a4935aa3-c4b6-42a3-b4c5-6d4c20b043cf": "Database Disk Full",
    "b6c4b695-7404-414d-a229-33bf83ffe255": "Database Repair",
    "29986aa1-924b-4c8d-aac7-a876883dc82c": "Database Disk Unavailable",
    "fab03c4d-0589-48c8-9328-e28b76c95af0": "Database Disk Available",
    "72c29aae-ddb2-46df-b6fd-7f728a85f292": "Archive Disk Unavailable",
    "b7f0003b-1392-450e-b6cc-9bbe6e7df065": "Archive Disk Available",
    "f951b1f0-2fed-48f7-88d3-49eb5999c923": "Failover Started",
    "c7b9227a-8e11-451b-bc9c-8ea659731012": "Failover Stopped",
    "6a00fd9a-a7f1-446c-abc2-29639cecd595": "Relative Timer",
    "f07ac0e3-9662-4781-9176-ec9e488aa494": "Periodic Timer",
    SYSTEM_CONFIGURATION_CHANGED: "System configuration changed",
    "363741cf-4d7a-426d-9fe2-a201c4db51c0": "System Monitor: memory usage critical",
    "766cf688-f3e2-4d2f-8d08-012193783739": "System Monitor: used space critical",
    "f80af822-6a89-4c2f-ab38-b55d0d2cd13a": "System Monitor: free space critical",
    "d1603fbe-4bb8-49eb-9928-0e8eb3c736ce": "System Monitor: retention time critical",
}


def slug(name: str) -> str:
    """Return a name in the form of Home Assistant's keys: lower case, joined by `_`."""
    return "_".join(re.findall(r"[^\W_]+", name.lower()))


EVENT_SLUGS = {type_id: slug(name) for type_id, name in EVENT_TYPE_NAMES.items()}
# The word of all other event types.
OTHER = "other"

_OF_ANY_DEVICE = (
    "communication_started",
    "communication_stopped",
    "communication_error",
    "device_settings_changed",
    "device_settings_changed_error",
)
# The built-in events of each kind of source. All others are only at the server.
SLUGS_OF: Mapping[Resource, tuple[str, ...]] = {
    Resource.CAMERAS: (
        "motion_started",
        "motion_stopped",
        "recording_started",
        "recording_stopped",
        "live_client_feed_requested",
        "live_client_feed_terminated",
        "feed_overflow_started",
        "feed_overflow_stopped",
        "bookmark_reference_requested",
        "ptz_manual_session_started",
        "ptz_manual_session_stopped",
        *_OF_ANY_DEVICE,
    ),
    Resource.INPUT_EVENTS: (
        "input_activated",
        "input_deactivated",
        "input_changed",
        "input_sensor",
        *_OF_ANY_DEVICE,
    ),
    Resource.OUTPUTS: (
        "output_activated",
        "output_deactivated",
        "output_changed",
        *_OF_ANY_DEVICE,
    ),
    Resource.HARDWARE: (
        "communication_started_hardware",
        "communication_stopped_hardware",
        "communication_error_hardware",
        "hardware_settings_changed",
        "hardware_settings_changed_error",
    ),
}
