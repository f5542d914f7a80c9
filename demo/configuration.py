"""The YAML configuration of the demo, as a user would write it."""

import hashlib
from typing import Final

from .settings import DOMAIN, PAGE, Settings

# The demo itself sets these states, by the REST API.
LAST_EVENTS: Final = "sensor.last_xprotect_events"
MISSED_EVENTS: Final = "sensor.missed_xprotect_events"
PROOF: Final = "sensor.xprotect_proof"

# The file with the card of the last events.
LAST_EVENTS_CARD: Final = "last-events.js"

OUTAGE: Final = "script.xprotect_outage"
ACKNOWLEDGE: Final = "script.xprotect_acknowledge_alarm"
OUTAGE_TIMER: Final = "timer.xprotect_outage"

# Longer than the minute after which an event counts as missed.
_OUTAGE = "00:01:30"

# The event server takes two seconds for each of the first two answers about sessions
# after the outage, like servers that have just started. Otherwise the catch-up of so
# few events would be over before it could be seen.
_SLOW_START = "slow:2:path=/api/rest/v1/eventsessions*:count=2"


def build(settings: Settings) -> str:
    """Return the configuration of the demo."""
    level = "debug" if settings.develop else "info"
    simulator = f"{settings.simulator_address}/simulator"
    # Browsers cache files under /local for a month; a new version needs a new address.
    version = hashlib.sha256((PAGE / LAST_EVENTS_CARD).read_bytes()).hexdigest()[:8]
    return f"""\
homeassistant:
  name: XProtect demo
  country: GB
  unit_system: metric

# What users create in the editors.
automation: !include automations.yaml
script: !include scripts.yaml
scene: !include scenes.yaml

frontend:
  extra_module_url:
    - /local/{LAST_EVENTS_CARD}?{version}
history:
logbook:
media_source:
# So that phones with the app can be notified.
mobile_app:
sun:
logger:
  default: warning
  logs:
    custom_components.{DOMAIN}: {level}
    # Warns of a missing library for snapshots, which the demo does not need.
    homeassistant.components.camera.img_util: critical

# They repeat what the events themselves contain.
recorder:
  exclude:
    entities:
      - {LAST_EVENTS}
      - {MISSED_EVENTS}
      - {PROOF}

# An outage to watch: the event server is down, events continue, and all of them arrive
# when it is back.
rest_command:
  xprotect_event_server_down:
    url: {simulator}/faults
    method: post
    content_type: application/json
    payload: '{{"fault": "event_server_down"}}'
  xprotect_event_server_starts:
    url: {simulator}/faults
    method: post
    content_type: application/json
    payload: '{{"fault": "{_SLOW_START}"}}'
  xprotect_event_server_up:
    url: {simulator}/faults/event_server_down
    method: delete

timer:
  xprotect_outage:
    name: Outage ends in
    icon: mdi:timer-sand
    duration: "{_OUTAGE}"

script demo:
  xprotect_outage:
    alias: Cause an outage
    icon: mdi:lan-disconnect
    sequence:
      - action: rest_command.xprotect_event_server_down
      - action: timer.start
        target:
          entity_id: {OUTAGE_TIMER}

  xprotect_acknowledge_alarm:
    alias: Acknowledge the newest alarm
    icon: mdi:account-check-outline
    fields:
      alarms:
        name: Sensor of open alarms
        required: true
        selector:
          entity:
    sequence:
      - variables:
          # Only new ones; the list has the newest first.
          newest: >-
            {{{{ state_attr(alarms, "alarms") | default([], true)
            | selectattr("state_level", "eq", 1)
            | map(attribute="alarm_id") | first | default("") }}}}
      - condition: template
        value_template: '{{{{ newest != "" }}}}'
      - action: xprotect_events.acknowledge_alarm
        data:
          alarm_id: "{{{{ newest }}}}"
          comment: Acknowledged on the demo's dashboard

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
      # The timer does not outlive a restart.
      - trigger: homeassistant
        event: start
    actions:
      - action: rest_command.xprotect_event_server_starts
      - action: rest_command.xprotect_event_server_up
"""
