"""Event types that every XProtect installation has, with the same GUIDs.

The GUIDs are constants of the vendor's samples (protocol §7.1). They are used when the
user has no right to read `/eventTypes`.
"""

from dataclasses import dataclass
from enum import StrEnum

from ..api import Resource

# User-defined events of the system; their source is the camera (protocol §7.3).
REQUEST_START_RECORDING = "85867627-b287-4439-9e55-a63701e1715b"
REQUEST_STOP_RECORDING = "77b1e70d-ba8d-4bb8-9ee8-43b09746d82a"

SYSTEM_CONFIGURATION_CHANGED = "06c5010d-11f2-4d70-bd79-4cec3a20d589"


class StateKind(StrEnum):
    """The state groups with two sides, which become binary sensors."""

    MOTION = "motion"
    RECORDING = "recording"
    COMMUNICATION = "communication"
    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSided:
    """A state group with two sides, on and off, and the event types of each side.

    `resources` are the kinds of sources with this state, unless the server lists
    them. `group_id` is the id of the state group, if it is public (protocol §7.2).
    """

    kind: StateKind
    on: frozenset[str]
    off: frozenset[str]
    resources: frozenset[Resource]
    group_id: str | None = None


MOTION_GROUP = "720ef62a-78be-418a-8e4c-ee04ffca6429"
COMMUNICATION_GROUP = "53b40c77-cf48-42a2-a432-db65ae3afc7a"
CPU_USAGE_GROUP = "8c958201-aa02-40cf-a643-fa7f91d0bed2"

# Names of state groups, for users who may not read `/stateGroups`.
STATE_GROUP_NAMES = {
    MOTION_GROUP: "Motion",
    COMMUNICATION_GROUP: "Communication",
    CPU_USAGE_GROUP: "CPU usage",
}

MOTION_STARTED = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"
MOTION_STOPPED = "6f55a7a7-d21c-4629-ac18-af1975e395a2"

TWO_SIDED = (
    TwoSided(
        kind=StateKind.MOTION,
        on=frozenset({MOTION_STARTED}),
        off=frozenset({MOTION_STOPPED}),
        resources=frozenset({Resource.CAMERAS}),
        group_id=MOTION_GROUP,
    ),
    TwoSided(
        kind=StateKind.RECORDING,
        on=frozenset({"4577f552-765a-438c-bc7d-e5ff1f754bc3"}),
        off=frozenset({"79a94f89-92de-4fca-8a43-5561d407423d"}),
        resources=frozenset({Resource.CAMERAS}),
    ),
    TwoSided(
        kind=StateKind.COMMUNICATION,
        on=frozenset({"dd3e6464-7dc0-405a-a92f-6150587563e8"}),
        off=frozenset(
            {
                "0ee90664-2924-42a0-a816-4129d0ecabdc",
                "a334af1c-4b4b-4957-9e5f-ab8ca07feab6",
            }
        ),
        resources=frozenset({Resource.CAMERAS}),
        group_id=COMMUNICATION_GROUP,
    ),
    TwoSided(
        kind=StateKind.COMMUNICATION,
        on=frozenset({"0553c396-5e16-4c22-b3d1-f548e42dfbb4"}),
        off=frozenset(
            {
                "63ea1f06-5a83-4f39-9fab-49959fde7b66",
                "6baad64b-c395-4f52-b6a3-dd1b64aa2f0f",
            }
        ),
        resources=frozenset({Resource.HARDWARE}),
    ),
    TwoSided(
        kind=StateKind.INPUT,
        on=frozenset({"836ca458-a833-4742-8ee0-64b2380984bd"}),
        off=frozenset({"8666e3dc-57a7-4f38-9611-51d774ee7358"}),
        resources=frozenset({Resource.INPUT_EVENTS}),
    ),
    TwoSided(
        kind=StateKind.OUTPUT,
        on=frozenset({"7a78f5bb-d8c3-4997-89b7-cae72713b7db"}),
        off=frozenset({"35742498-bcc5-4f0a-9800-827c9388d1cd"}),
        resources=frozenset({Resource.OUTPUTS}),
    ),
)
