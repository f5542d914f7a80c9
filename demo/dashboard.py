"""The dashboard on which one sees what the integration does."""

from collections.abc import Sequence
from typing import Final

from .settings import DOMAIN

URL_PATH: Final = "xprotect-demo"

LAST_EVENTS_NAME: Final = "Last XProtect events"
LAST_EVENTS_UNIQUE_ID: Final = "xprotect_demo_last_events"
_LAST_EVENTS: Final = "sensor.last_xprotect_events"

CREATE: Final = {
    "type": "lovelace/dashboards/create",
    "url_path": URL_PATH,
    "title": "XProtect",
    "icon": "mdi:cctv",
}

OPEN_FIRST: Final = {
    "type": "frontend/set_system_data",
    "key": "core",
    "value": {"default_panel": URL_PATH},
}

# What the people of the simulated house have defined themselves.
_USER_DEFINED_EVENTS: Final = {
    "Gate open": "mdi:gate-open",
    "Good night": "mdi:weather-night",
    "Parcel arrived": "mdi:package-variant",
    "Panic": "mdi:alarm-light",
}

# More tiles than this make a page that nobody looks at.
_MOST_TILES = 24

type Card = dict[str, object]

_TABLE = f"""\
{{% set events = state_attr("{_LAST_EVENTS}", "events") or [] %}}
| Time | What | Where | State |
|:-----|:-----|:------|:------|
{{%- for event in events %}}
| {{{{ (event.time | as_datetime | as_local).strftime("%H:%M:%S") }}}} \
| {{{{ event.type }}}} | {{{{ event.source }}}} | {{{{ event.state }}}} |
{{%- endfor %}}
"""


def build(entry_id: str, entities: Sequence[dict[str, str]]) -> dict[str, object]:
    """Return the dashboard of an entry; entities have `entity_id`, `kind`, `state`."""
    motion = [e["entity_id"] for e in entities if e["kind"] == "motion"]
    # Inputs and outputs, and what is connected; not what never said anything.
    others = [
        e["entity_id"]
        for e in entities
        if e["kind"] in ("", "connectivity") and e["state"] != "unknown"
    ]
    buttons = [_trigger(entry_id, *event) for event in _USER_DEFINED_EVENTS.items()]
    sections = [
        [
            _heading("Motion", "mdi:motion-sensor"),
            *_tiles(motion),
            _heading("Trigger an event in XProtect", "mdi:gesture-tap-button"),
            *buttons,
        ],
        [_heading("Last events", "mdi:format-list-bulleted"), _last_events()],
        [
            _heading("Motion of the last hour", "mdi:chart-gantt"),
            _history(motion),
            _heading("Inputs, outputs and connections", "mdi:cctv"),
            *_tiles(others),
        ],
    ]
    view = {
        "title": "XProtect",
        "type": "sections",
        "max_columns": len(sections),
        "sections": [{"type": "grid", "cards": cards} for cards in sections],
    }
    return {"views": [view]}


def _heading(title: str, icon: str) -> Card:
    return {"type": "heading", "heading": title, "icon": icon}


def _tiles(entities: Sequence[str]) -> list[Card]:
    return [
        {"type": "tile", "entity": entity, "vertical": False}
        for entity in entities[:_MOST_TILES]
    ]


def _last_events() -> Card:
    return {
        "type": "markdown",
        "content": _TABLE,
        "grid_options": {"columns": "full"},
    }


def _history(entities: Sequence[str]) -> Card:
    return {
        "type": "history-graph",
        "hours_to_show": 1,
        "entities": list(entities[:_MOST_TILES]),
        "grid_options": {"columns": "full"},
    }


def _trigger(entry_id: str, event: str, icon: str) -> Card:
    return {
        "type": "button",
        "name": event,
        "icon": icon,
        "tap_action": {
            "action": "perform-action",
            "perform_action": f"{DOMAIN}.trigger_event",
            "data": {"config_entry_id": entry_id, "event": event},
        },
        "grid_options": {"columns": 6, "rows": 2},
    }
