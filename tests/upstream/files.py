"""The files of this project that Home Assistant, hassfest and the stores read."""

from collections.abc import Iterator
import json
from pathlib import Path
from string import Formatter
from typing import Any

from homeassistant.util.yaml import load_yaml_dict

from tests.architecture.import_table import INTEGRATION
from tests.architecture.sources import ROOT

PROJECT = "https://github.com/xprotect-events/xprotect_events"
FOLDER = ROOT / INTEGRATION.replace(".", "/")


def read_json(path: Path) -> dict[str, Any]:
    """Return the content of a JSON file."""
    found = json.loads(path.read_text())
    assert isinstance(found, dict)
    return found


def texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a translation with its dotted path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, f"{path}.{key}".strip("."))
    else:
        assert isinstance(value, str)
        yield path, value


def translation(language: str) -> dict[str, str]:
    """Return the texts of a language by their paths."""
    return dict(texts(read_json(FOLDER / f"translations/{language}.json")))


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


ENGLISH = read_json(FOLDER / "translations/en.json")
LANGUAGES = sorted(path.stem for path in FOLDER.glob("translations/*.json"))
ICONS = read_json(FOLDER / "icons.json")
MANIFEST = read_json(FOLDER / "manifest.json")
STORE = read_json(ROOT / "hacs.json")
SERVICES = load_yaml_dict(str(FOLDER / "services.yaml"))
README = (ROOT / "README.md").read_text()
# The pages for users, in the order of the README.
DOCUMENTATION = "\n".join(
    (ROOT / name).read_text()
    for name in (
        "README.md",
        "docs/setting-up.md",
        "docs/rights.md",
        "docs/entities.md",
        "docs/events.md",
        "docs/actions.md",
        "docs/examples.md",
        "docs/troubleshooting.md",
        "docs/data-update.md",
        "docs/limits.md",
    )
)
