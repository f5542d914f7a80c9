"""The dashboard that shows what the integration does."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .configuration import (
    ACKNOWLEDGE,
    LAST_EVENTS,
    MISSED_EVENTS,
    OUTAGE,
    OUTAGE_TIMER,
    PROOF,
)

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

# For the user-defined events of the simulated house.
_ICONS = {
    "Gate open": "mdi:gate-open",
    "Good night": "mdi:weather-night",
    "Parcel arrived": "mdi:package-variant",
    "Panic": "mdi:alarm-light",
}

_SOME_MISSED = [{"condition": "numeric_state", "entity": MISSED_EVENTS, "above": 0}]

# More cameras than this would leave no room for anything else.
_MOST_CAMERAS = 12

type Card = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An entity of the integration, with the fields that the dashboard needs."""

    entity_id: str
    # Its translation key, or `motion` or `camera`: those names are Home Assistant's.
    key: str
    name: str
    device: str


_NUMBERS = f"""\
| Happened in XProtect | Arrived | Missed | Lost |
|:---:|:---:|:---:|:---:|
| {{{{ state_attr("{PROOF}", "happened") }}}} \
| {{{{ state_attr("{PROOF}", "arrived") }}}} \
| {{{{ state_attr("{PROOF}", "missed") }}}} \
| **{{{{ state_attr("{PROOF}", "lost") }}}}** |

{{% set left = state_attr("{PROOF}", "next_attempt_in") -%}}
{{% set waiting = state_attr("{PROOF}", "on_the_way") | int(0) -%}}
{{% if left is not none %}}{{{{ waiting }}}} waiting. Home Assistant asks again \
**in {{{{ left }}}} s**.
{{% elif waiting %}}{{{{ waiting }}}} on the way.
{{% else %}}Counted outside Home Assistant. An outage stops the event server for 90 s, \
while events go on; what arrives more than a minute late is *missed*, so no automation \
takes it for live.
{{% endif %}}"""


def build(entities: Sequence[Entity]) -> dict[str, object]:
    """Return the dashboard of a site."""
    by_key: dict[str, list[Entity]] = defaultdict(list)
    for entity in entities:
        by_key[entity.key].append(entity)
    cameras = by_key["motion"][:_MOST_CAMERAS]
    connections = {one.device: one for one in by_key["communication"]}
    sections = [
        [
            _heading("Delivery of events", "mdi:timeline-clock-outline"),
            *(_tile(one) for one in by_key["delivery"]),
            *(_tile(one, "Event server") for one in by_key["connection"]),
            _markdown(_NUMBERS),
            *_outage(by_key["delivery"]),
            *(card | {"visibility": _SOME_MISSED} for card in _missed()),
            _heading("Trigger an event in XProtect", "mdi:gesture-tap-button"),
            *(_button(one) for one in by_key["user_defined_event"]),
            *_live(by_key["camera"], by_key["connection"]),
        ],
        [
            _heading("Cameras", "mdi:cctv"),
            *_pairs(cameras, connections),
            # Here it is visible without scrolling, even with two sections side by side.
            *_last_picture(by_key["last_event_picture"]),
            _heading("Inputs and outputs", "mdi:electric-switch"),
            *(_tile(one, one.device) for one in by_key["input"]),
            *(_switch(one) for one in _switched(by_key["output"])),
            *_alarms(by_key["open_alarms"], by_key["open_alarms_of_priority"]),
        ],
        [
            _heading("Last events", "mdi:format-list-bulleted"),
            {"type": "custom:xprotect-last-events", "entity": LAST_EVENTS},
            _heading("Motion in the last 15 minutes", "mdi:chart-gantt"),
            _history(cameras),
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


def _last_picture(pictures: Sequence[Entity]) -> Iterator[Card]:
    """Yield the picture of the last event, and the name of its camera."""
    for picture in pictures[:1]:
        title = f"{{{{ state_attr('{picture.entity_id}', 'source_name') }}}}"
        type_ = f"{{{{ state_attr('{picture.entity_id}', 'type') }}}}"
        is_there: dict[str, object] = {
            "condition": "state",
            "entity": picture.entity_id,
            "state_not": ["unavailable", "unknown"],
        }
        heading = _heading("Picture of the last event", "mdi:image-outline")
        yield heading | {"visibility": [is_there]}
        yield {
            "visibility": [is_there],
            "type": "picture-entity",
            "entity": picture.entity_id,
            "show_name": False,
            "show_state": False,
            "grid_options": {"columns": "full"},
        }
        yield _markdown(f"**{title}**: {type_}") | {"visibility": [is_there]}


def _live(cameras: Sequence[Entity], connections: Sequence[Entity]) -> Iterator[Card]:
    """Yield the live video of a camera; a tap opens it.

    It ends with an outage, and starts again when its card is shown again.
    """
    is_connected = [
        {"condition": "state", "entity": one.entity_id, "state": "on"}
        for one in connections
    ]
    for camera in cameras[:1]:
        title = _heading(f"{camera.device}, live", "mdi:video-outline")
        yield title | {"visibility": is_connected}
        yield {
            "visibility": is_connected,
            "type": "picture-entity",
            "entity": camera.entity_id,
            "camera_view": "live",
            "show_name": False,
            "show_state": False,
            "grid_options": {"columns": "full"},
        }


def _alarms(totals: Sequence[Entity], priorities: Sequence[Entity]) -> Iterator[Card]:
    """Yield the number of open alarms, their list, and a button for the newest."""
    for total in totals[:1]:
        yield _heading("Open alarms", "mdi:alarm-light")
        # At the first start their entities are added a moment after the dashboard.
        for one in priorities:
            yield _tile(one, one.name.rpartition(": ")[2])
        yield _markdown(_alarm_table(total.entity_id))
        tap = {
            "action": "perform-action",
            "perform_action": ACKNOWLEDGE,
            "data": {"alarms": total.entity_id},
        }
        yield {
            "type": "tile",
            "entity": total.entity_id,
            "hide_state": True,
            "name": "Acknowledge the newest",
            "icon": "mdi:account-check-outline",
            "tap_action": tap,
            "icon_tap_action": tap,
            "grid_options": {"columns": "full"},
        }


def _alarm_table(entity_id: str) -> str:
    """Return a template of the newest open alarms, or of a text if there are none."""
    return f"""\
{{% for alarm in state_attr("{entity_id}", "alarms") or [] -%}}
{{% if loop.first %}}
| Time | Alarm | Priority | State |
|:-----|:------|:---------|:------|
{{% endif -%}}
| {{{{ (alarm.time | as_datetime | as_local).strftime("%H:%M:%S") }}}} \
| {{{{ alarm.name }}}} | {{{{ alarm.priority }}}} | {{{{ alarm.state }}}} |
{{% else %}}No alarm is open.
{{% endfor %}}"""


def _pairs(
    cameras: Sequence[Entity], connections: Mapping[str, Entity]
) -> Iterator[Card]:
    """Yield a row for each camera: motion, and the connection to it."""
    for camera in cameras:
        yield _tile(camera, camera.device)
        yield _tile(connections[camera.device], "Connection")


def _tile(entity: Entity, name: str | None = None) -> Card:
    return {"type": "tile", "entity": entity.entity_id, "name": name or entity.name}


def _switched(outputs: Sequence[Entity]) -> Iterator[Entity]:
    """Yield one entity of each output: its switch, if it has one."""
    by_device = {one.device: one for one in outputs}
    switches = (one for one in outputs if one.entity_id.startswith("switch."))
    by_device |= {one.device: one for one in switches}
    yield from by_device.values()


def _switch(entity: Entity) -> Card:
    """Return a tile that a tap switches; one that cannot be switched shows more."""
    tile = _tile(entity, entity.device)
    if not entity.entity_id.startswith("switch."):
        return tile
    return tile | {"tap_action": {"action": "toggle"}}


def _button(entity: Entity) -> Card:
    # The heading already says what they do.
    name = entity.name.removeprefix("Activate ")
    return {
        "type": "button",
        "entity": entity.entity_id,
        "name": name,
        "icon": _ICONS.get(name),
        "tap_action": _perform("button.press", entity.entity_id),
        "grid_options": {"columns": 3, "rows": 2},
    }


def _outage(delivery: Sequence[Entity]) -> Iterator[Card]:
    """Yield the cards that begin an outage, and end it while there is one."""
    begin = _action("Cause an outage", "mdi:lan-disconnect", "script.turn_on", OUTAGE)
    end = _action("End the outage now", "mdi:lan-connect", "timer.finish", OUTAGE_TIMER)
    yield begin | {"visibility": _timer_is("idle")}
    yield end | {"visibility": _timer_is("active")}
    for one in delivery:
        ask = "homeassistant.update_entity"
        card = _action("Ask again now", "mdi:refresh", ask, one.entity_id)
        is_down = {"condition": "state", "entity": one.entity_id, "state": "down"}
        yield card | {"visibility": [is_down]}


def _timer_is(state: str) -> list[Card]:
    return [{"condition": "state", "entity": OUTAGE_TIMER, "state": state}]


def _action(name: str, icon: str, action: str, entity_id: str) -> Card:
    """Return a tile as wide as its section, so that its name is not cut."""
    return {
        "type": "tile",
        # The timer shows its state, the time until the end of the outage.
        "entity": entity_id,
        "hide_state": entity_id != OUTAGE_TIMER,
        "name": name,
        "icon": icon,
        "tap_action": _perform(action, entity_id),
        "icon_tap_action": _perform(action, entity_id),
        "grid_options": {"columns": "full"},
    }


def _perform(action: str, entity_id: str) -> Card:
    return {
        "action": "perform-action",
        "perform_action": action,
        "target": {"entity_id": entity_id},
    }


def _missed() -> Iterator[Card]:
    yield _heading("Last missed events", "mdi:history")
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
