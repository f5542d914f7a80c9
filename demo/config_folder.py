"""The folder that Home Assistant starts from."""

import json
from pathlib import Path
import shutil

from . import configuration
from .settings import HOST, PAGE, REPOSITORY, Settings

# Home Assistant's editors write into these; a missing one would be an error.
_MADE_IN_EDITORS = ("automations.yaml", "scripts.yaml", "scenes.yaml")


def write(settings: Settings) -> None:
    """Write the files that Home Assistant needs; its own files are kept."""
    config = settings.config
    config.mkdir(parents=True, exist_ok=True)
    text = configuration.build(settings)
    (config / "configuration.yaml").write_text(text, encoding="utf-8")
    for name in _MADE_IN_EDITORS:
        (config / name).touch()
    _link(config / "custom_components", REPOSITORY / "custom_components")
    _link(config / "www", PAGE)
    shutil.copytree(
        REPOSITORY / "blueprints", config / "blueprints", dirs_exist_ok=True
    )
    _store(config, "http", version=3, data=_http(settings))
    if not (config / ".storage/onboarding").exists():
        # This step would start flows that need the internet.
        _store(config, "onboarding", version=4, data={"done": ["core_config"]})


def programs(settings: Settings) -> Path:
    """Return a folder with programs that Home Assistant looks for on its PATH."""
    folder = settings.folder / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    if not shutil.which("ffmpeg"):
        packaged = settings.packages.glob("imageio_ffmpeg/binaries/ffmpeg-*")
        _link(folder / "ffmpeg", next(packaged))
    return folder


def _http(settings: Settings) -> dict[str, object]:
    """Return settings that apply at once; from YAML they would only be on trial."""
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
