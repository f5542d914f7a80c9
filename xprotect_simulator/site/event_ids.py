"""The ids that are the same on every XProtect installation."""

MOTION_STARTED = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"
MOTION_STOPPED = "6f55a7a7-d21c-4629-ac18-af1975e395a2"
RECORDING_STARTED = "4577f552-765a-438c-bc7d-e5ff1f754bc3"
RECORDING_STOPPED = "79a94f89-92de-4fca-8a43-5561d407423d"
COMMUNICATION_STARTED = "dd3e6464-7dc0-405a-a92f-6150587563e8"
COMMUNICATION_STOPPED = "0ee90664-2924-42a0-a816-4129d0ecabdc"
COMMUNICATION_ERROR = "a334af1c-4b4b-4957-9e5f-ab8ca07feab6"
HARDWARE_COMMUNICATION_ERROR = "6baad64b-c395-4f52-b6a3-dd1b64aa2f0f"
HARDWARE_COMMUNICATION_STARTED = "0553c396-5e16-4c22-b3d1-f548e42dfbb4"
HARDWARE_COMMUNICATION_STOPPED = "63ea1f06-5a83-4f39-9fab-49959fde7b66"
LIVE_FEED_REQUESTED = "eeda47ff-4f3d-459e-8143-69896c7c74ad"
LIVE_FEED_TERMINATED = "66bdd008-b856-44b6-b385-b1f6c3f76f1b"
INPUT_ACTIVATED = "836ca458-a833-4742-8ee0-64b2380984bd"
INPUT_DEACTIVATED = "8666e3dc-57a7-4f38-9611-51d774ee7358"
OUTPUT_ACTIVATED = "7a78f5bb-d8c3-4997-89b7-cae72713b7db"
OUTPUT_DEACTIVATED = "35742498-bcc5-4f0a-9800-827c9388d1cd"
PERIODIC_TIMER = "f07ac0e3-9662-4781-9176-ec9e488aa494"
CONFIGURATION_CHANGED = "06c5010d-11f2-4d70-bd79-4cec3a20d589"

# The three public ids of state groups; the others are computed from the seed.
MOTION_GROUP = "720ef62a-78be-418a-8e4c-ee04ffca6429"
COMMUNICATION_GROUP = "53b40c77-cf48-42a2-a432-db65ae3afc7a"
CPU_USAGE_GROUP = "8c958201-aa02-40cf-a643-fa7f91d0bed2"

# The ids of groups of event types, by their names here.
EVENT_TYPE_GROUPS = {
    "Device - Predefined": "1eacbcad-d566-4375-834b-cfbe3d937caa",
    "Hardware - Predefined": "6b90aee7-e6a5-4b5c-82aa-1686c19afe19",
    "System": "b1ca6710-f244-4ce2-8daf-662e342c405a",
    "Recording Server - Predefined": "64d2c24b-a92f-48a0-b9ca-707af7828d67",
    "System Monitor": "2fb8e979-188e-44cc-b1b7-a7ed9c91e5c0",
    "Analytics Events": "a96692c8-51b1-4f87-b12c-0d3d9cbfc5a4",
}

# User-defined events of every installation, with subtype `System`.
REQUEST_START_RECORDING = "85867627-b287-4439-9e55-a63701e1715b"
REQUEST_STOP_RECORDING = "77b1e70d-ba8d-4bb8-9ee8-43b09746d82a"
SYSTEM_USER_DEFINED_EVENTS = (
    ("RequestStartRecording", REQUEST_START_RECORDING),
    ("RequestStopRecording", REQUEST_STOP_RECORDING),
    ("RequestPlayAudio", "7605f8b0-7f5f-4432-b223-0bb2dc3f1f5c"),
)
