"""The dashboard on which one sees what the integration does."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .configuration import LAST_EVENTS, MISSED_EVENTS, OUTAGE, OUTAGE_TIMER

URL_PATH: Final = "xprotect-demo"

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

# For what the people of the simulated house have defined themselves.
_ICONS = {
    "Gate open": "mdi:gate-open",
    "Good night": "mdi:weather-night",
    "Parcel arrived": "mdi:package-variant",
    "Panic": "mdi:alarm-light",
}

_SOME_MISSED = [{"condition": "numeric_state", "entity": MISSED_EVENTS, "above": 0}]

# More cameras than this make a page that nobody looks at.
_MOST_CAMERAS = 12

type Card = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An entity of the integration, as the dashboard has to know it."""

    entity_id: str
    # Its translation key; motion has none, because Home Assistant has a word for it.
    key: str
    name: str
    device: str


_OUTAGE_TEXT = """\
The event server goes away for a minute and a half, while things go on happening. \
Watch the delivery go down and catch up: nothing is lost, and what is older than a \
minute by then comes as *missed*, so that no automation takes it for news.
"""


def build(entities: Sequence[Entity]) -> dict[str, object]:
    """Return the dashboard of a site."""
    by_key: dict[str, list[Entity]] = defaultdict(list)
    for entity in entities:
        by_key[entity.key].append(entity)
    cameras = by_key["motion"][:_MOST_CAMERAS]
    connections = {one.device: one for one in by_key["communication"]}
    sections = [
        [
            _heading("Cameras", "mdi:cctv"),
            *_pairs(cameras, connections),
            _heading("Inputs and outputs", "mdi:electric-switch"),
            *(_tile(one, one.device) for one in by_key["input"] + by_key["output"]),
        ],
        [
            _heading("Last events", "mdi:format-list-bulleted"),
            _markdown(_table(LAST_EVENTS)),
            _heading("Motion of the last quarter of an hour", "mdi:chart-gantt"),
            _history(cameras),
        ],
        [
            _heading("Trigger an event in XProtect", "mdi:gesture-tap-button"),
            *(_button(one) for one in by_key["user_defined_event"]),
            _heading("Delivery of events", "mdi:timeline-clock-outline"),
            *(_tile(one) for one in by_key["delivery"]),
            *(_tile(one, "Event server") for one in by_key["connection"]),
            _heading("An outage", "mdi:lan-disconnect"),
            _markdown(_OUTAGE_TEXT),
            _own_tile("Cause an outage", OUTAGE, "script.turn_on")
            | {"hide_state": True},
            _own_tile("End it now", OUTAGE_TIMER, "timer.finish"),
            *(card | {"visibility": _SOME_MISSED} for card in _missed()),
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


def _pairs(
    cameras: Sequence[Entity], connections: Mapping[str, Entity]
) -> Iterator[Card]:
    """Yield a row for each camera: motion, and the connection to it."""
    for camera in cameras:
        yield _tile(camera, camera.device)
        yield _tile(connections[camera.device], "Connection")


def _tile(entity: Entity, name: str | None = None) -> Card:
    return {"type": "tile", "entity": entity.entity_id, "name": name or entity.name}


def _button(entity: Entity) -> Card:
    return {
        "type": "button",
        "entity": entity.entity_id,
        "name": entity.name,
        "icon": _ICONS.get(entity.name),
        "tap_action": _perform("button.press", entity.entity_id),
        "grid_options": {"columns": 3, "rows": 2},
    }


def _own_tile(name: str, entity_id: str, action: str) -> Card:
    return {
        "type": "tile",
        "entity": entity_id,
        "name": name,
        "tap_action": _perform(action, entity_id),
        "icon_tap_action": _perform(action, entity_id),
    }


def _perform(action: str, entity_id: str) -> Card:
    return {
        "action": "perform-action",
        "perform_action": action,
        "target": {"entity_id": entity_id},
    }


def _missed() -> Iterator[Card]:
    yield {"type": "tile", "entity": MISSED_EVENTS, "name": "Missed events"}
    yield _markdown(_table(MISSED_EVENTS))


def _table(entity_id: str) -> str:
    """Return a template of the events that an entity lists, if any."""
    return f"""\
{{% for event in state_attr("{entity_id}", "events") or [] -%}}
{{% if loop.first %}}
| Time | What | Where |
|:-----|:-----|:------|
{{% endif -%}}
| {{{{ (event.time | as_datetime | as_local).strftime("%H:%M:%S") }}}} \
| {{{{ event.type }}}} | {{{{ event.source }}}} |
{{% endfor %}}"""


def _markdown(text: str) -> Card:
    return {
        "type": "markdown",
        "content": text,
        "grid_options": {"columns": "full"},
    }


def _history(entities: Sequence[Entity]) -> Card:
    return {
        "type": "history-graph",
        "hours_to_show": 0.25,
        "entities": [{"entity": one.entity_id, "name": one.device} for one in entities],
        "grid_options": {"columns": "full"},
    }
