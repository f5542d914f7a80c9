"""What Home Assistant reads at its start, as a person would write it by hand."""

from typing import Final

from .settings import DOMAIN, Settings

LAST_EVENTS: Final = "sensor.last_xprotect_events"
MISSED_EVENTS: Final = "sensor.missed_xprotect_events"
OUTAGE: Final = "script.xprotect_outage"
OUTAGE_TIMER: Final = "timer.xprotect_outage"

# Longer than the minute after which an event counts as missed.
_OUTAGE = "00:01:30"

# So many rows the lists of events have; each makes a state longer.
_ROWS = 14
_MISSED_ROWS = 5

# An event as a row of such a list.
_ROW = (
    "{% set data = trigger.event.data %}"
    "{% set row = dict(time=data.time, type=data.type, at=now().timestamp(),"
    ' source=data.source_name or "-") %}'
)


def build(settings: Settings) -> str:
    """Return the configuration of the demo."""
    level = "debug" if settings.develop else "info"
    simulator = f"{settings.simulator_address}/simulator"
    return f"""\
homeassistant:
  name: XProtect demo
  country: GB
  unit_system: metric

# What people make in the editors.
automation: !include automations.yaml
script: !include scripts.yaml
scene: !include scenes.yaml

history:
logbook:
sun:
logger:
  default: warning
  logs:
    custom_components.{DOMAIN}: {level}
    # Misses a library for snapshots, and there are no cameras to take any from.
    homeassistant.components.camera.img_util: critical

# They say again what the events themselves have said.
recorder:
  exclude:
    entities:
      - {LAST_EVENTS}
      - {MISSED_EVENTS}

template:
  - triggers:
      - trigger: event
        event_type: {DOMAIN}_event
    # In a storm no more than fit into the list in a second: each of them is sent to
    # every open page.
    conditions:
      - condition: template
        value_template: >
          {{% set rows = state_attr("{LAST_EVENTS}", "events") or [] %}}
          {{{{ rows | length < {_ROWS} or now().timestamp() - rows[-1].at > 1 }}}}
    sensor:
      - name: Last XProtect events
        unique_id: xprotect_demo_last_events
        icon: mdi:format-list-bulleted
        state: "{{{{ trigger.event.data.type[:255] }}}}"
        attributes:
          events: >
            {_ROW}
            {{{{ ([row] + (this.attributes.events | default([])))[:{_ROWS}] }}}}
  - triggers:
      - trigger: event
        event_type: {DOMAIN}_missed_event
    sensor:
      - name: Missed XProtect events
        unique_id: xprotect_demo_missed_events
        icon: mdi:history
        state: "{{{{ this.state | int(0) + 1 }}}}"
        attributes:
          events: >
            {_ROW}
            {{{{ ([row] + (this.attributes.events | default([])))[:{_MISSED_ROWS}] }}}}

# An outage to watch: the event server is away, things go on happening, and all of
# them arrive when it is back.
rest_command:
  xprotect_event_server_down:
    url: {simulator}/faults
    method: post
    content_type: application/json
    payload: '{{"fault": "event_server_down"}}'
  xprotect_event_server_up:
    url: {simulator}/faults/event_server_down
    method: delete

timer:
  xprotect_outage:
    name: Outage ends in
    icon: mdi:timer-sand
    duration: "{_OUTAGE}"
    restore: true

script demo:
  xprotect_outage:
    alias: Cause an outage
    icon: mdi:lan-disconnect
    sequence:
      - action: rest_command.xprotect_event_server_down
      - action: timer.start
        target:
          entity_id: {OUTAGE_TIMER}

automation demo:
  - id: xprotect_demo_outage_ends
    alias: The outage ends
    triggers:
      - trigger: event
        event_type:
          - timer.finished
          - timer.cancelled
        event_data:
          entity_id: {OUTAGE_TIMER}
    actions:
      - action: rest_command.xprotect_event_server_up
"""
