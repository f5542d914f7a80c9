"""The documentation has what the quality scale requires."""

from collections.abc import Callable
import re
from urllib.parse import quote

import pytest

from tests.architecture.sources import ROOT
from tests.upstream.files import DOCUMENTATION, ENGLISH, PROJECT, README, SERVICES
from tests.upstream.quality import status
from tests.upstream.test_quality_scale import PLATFORMS

INTRODUCTION = README.partition("\n## ")[0]
ABORTS = [key for key in ENGLISH["config"]["abort"] if not key.endswith("_successful")]
MAX_README_LINES = 250
BLUEPRINTS = sorted((ROOT / "blueprints").rglob("*.yaml"))


def section(title: str) -> str:
    """Return the text below a heading, or an empty text."""
    pattern = rf"^(#+) {title}\n(.*)"
    found = re.search(pattern, DOCUMENTATION, re.DOTALL | re.MULTILINE)
    if found is None:
        return ""
    level, below = found[1], found[2]
    end = re.search(rf"^#{{1,{len(level)}}} ", below, re.MULTILINE)
    return below[: end.start()] if end else below


def names(text: str, *keys: str) -> bool:
    """Return whether a text names all of these as code."""
    return all(f"`{key}`" in text for key in keys)


def actions_are_explained() -> bool:
    """Return whether every action has a section with all of its fields."""
    return all(
        names(section(f"`xprotect_events.{name}`"), *action["fields"])
        for name, action in SERVICES.items()
    )


def fields(category: str, step: str) -> set[str]:
    """Return the fields of a form."""
    form = ENGLISH[category]["step"][step]
    found = set(form["data"])
    for part in form.get("sections", {}).values():
        found |= set(part["data"])
    return found


CHECKS: dict[str, Callable[[], bool]] = {
    "docs-actions": actions_are_explained,
    "docs-high-level-description": lambda: "milestonesys.com" in INTRODUCTION,
    "docs-installation-instructions": lambda: (
        bool(section("Install")) and bool(section("Prerequisites in XProtect"))
    ),
    "docs-removal-instructions": lambda: "XProtect" in section("Removal"),
    "docs-configuration-parameters": lambda: names(
        section("Options"), *fields("options", "init")
    ),
    "docs-installation-parameters": lambda: names(
        section("The form"), *fields("config", "user")
    ),
    "docs-data-update": lambda: "30 s" in section("Data update"),
    "docs-examples": lambda: all(
        quote(f"{PROJECT}/blob/main/{path.relative_to(ROOT)}", safe="") in DOCUMENTATION
        for path in BLUEPRINTS
    ),
    "docs-known-limitations": lambda: bool(section("Known limits")),
    "docs-supported-devices": lambda: "2023 R2" in section("Prerequisites in XProtect"),
    "docs-supported-functions": lambda: names(section("Entities"), *PLATFORMS),
    "docs-troubleshooting": lambda: (
        names(section("While setting up"), *ENGLISH["config"]["error"], *ABORTS)
        and names(section("Repairs"), *ENGLISH["issues"])
    ),
    "docs-use-cases": lambda: bool(section("What you can do with it")),
}


@pytest.mark.parametrize("rule", CHECKS)
def test_the_documentation_does_not_contradict_a_claim(rule: str) -> None:
    """The documentation names everything that the code has."""
    assert CHECKS[rule]() or status(rule) == "todo"


def test_the_readme_can_be_read_in_ten_minutes() -> None:
    """A longer one is not read; details belong on the pages that it links to."""
    assert len(README.splitlines()) <= MAX_README_LINES


def test_blueprints_are_found() -> None:
    """Otherwise the other tests would check nothing."""
    assert len(BLUEPRINTS) == 4
