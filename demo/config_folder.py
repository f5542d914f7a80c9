"""The folder that Home Assistant starts from."""

import json
from pathlib import Path
import shutil

from .dashboard import LAST_EVENTS_NAME, LAST_EVENTS_UNIQUE_ID
from .settings import DOMAIN, HOST, REPOSITORY, Settings

# So many rows the list of last events has; each makes the recorder's row longer.
_LAST_EVENTS = 12

# Home Assistant's editors write into these; a missing one would be an error.
_MADE_IN_EDITORS = ("automations.yaml", "scripts.yaml", "scenes.yaml")

# YAML is a superset of JSON, but a person who looks at this file expects YAML.
_CONFIGURATION = f"""\
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
logger:
  default: warning
  logs:
    custom_components.{DOMAIN}: info
    # Misses a library for snapshots, and there are no cameras to take any from.
    homeassistant.components.camera.img_util: critical

template:
  - triggers:
      - trigger: event
        event_type: {DOMAIN}_event
    sensor:
      - name: {LAST_EVENTS_NAME}
        unique_id: {LAST_EVENTS_UNIQUE_ID}
        icon: mdi:format-list-bulleted
        state: "{{{{ trigger.event.data.type[:255] }}}}"
        attributes:
          events: >
            {{% set data = trigger.event.data %}}
            {{% set row = dict(time=data.time, type=data.type,
                source=data.source_name or "-", state=data.state or "") %}}
            {{{{ ([row] + (this.attributes.events | default([])))[:{_LAST_EVENTS}] }}}}
"""


def write(settings: Settings) -> None:
    """Write what Home Assistant has to find; what it keeps itself is left alone."""
    config = settings.config
    config.mkdir(parents=True, exist_ok=True)
    (config / "configuration.yaml").write_text(_CONFIGURATION, encoding="utf-8")
    for name in _MADE_IN_EDITORS:
        (config / name).touch()
    _link(config / "custom_components", REPOSITORY / "custom_components")
    _store(config, "http", version=3, data=_http(settings))
    if not (config / ".storage/onboarding").exists():
        # This step would start flows that want the internet.
        _store(config, "onboarding", version=4, data={"done": ["core_config"]})


def programs(settings: Settings) -> Path:
    """Return a folder with the programs that Home Assistant looks for on its path."""
    folder = settings.folder / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    if not shutil.which("ffmpeg"):
        packaged = settings.packages.glob("imageio_ffmpeg/binaries/ffmpeg-*")
        _link(folder / "ffmpeg", next(packaged))
    return folder


def _http(settings: Settings) -> dict[str, object]:
    """Return settings that count at once; those in YAML would be only on trial."""
    stable = {
        "server_host": [HOST],
        "server_port": settings.port,
        "cors_allowed_origins": ["https://cast.home-assistant.io"],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": "2026-11-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    return {"stable": stable, "pending": None, "yaml_migration_done": True}


def _store(config: Path, key: str, *, version: int, data: dict[str, object]) -> None:
    content = {"version": version, "minor_version": 1, "key": key, "data": data}
    path = config / ".storage" / key
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)
