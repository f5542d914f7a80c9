"""The map in CONTRIBUTING.md leads to files and classes that exist."""

import re

from tests.architecture.import_table import INTEGRATION
from tests.architecture.sources import ROOT

MAP = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDER = ROOT / INTEGRATION.replace(".", "/")
CONCEPTS = ("time", "seen", "state", "mode", "origin")
OWNERS = dict(
    re.findall(r"^\| \*\*(\w+)\*\*: [^|]+ \| `([\w/]+\.py)` \|", MAP, re.MULTILINE)
)
FILES = sorted(set(re.findall(r"`((?:api/|engine/)?\w+\.py)`", MAP)))


def test_each_concept_has_one_owner() -> None:
    """A reader who does not know the code finds the owners on this page."""
    assert tuple(OWNERS) == CONCEPTS
    assert len(set(OWNERS.values())) == len(CONCEPTS)


def test_every_file_on_the_map_exists() -> None:
    """A row with an old name would mislead readers."""
    assert [name for name in FILES if not (FOLDER / name).is_file()] == []


def test_every_module_is_on_the_map() -> None:
    """Otherwise readers would not find the module."""
    modules = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.py")}
    assert modules - set(FILES) <= {"engine/__init__.py"}
