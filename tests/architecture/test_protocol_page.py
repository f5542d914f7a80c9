"""Every section of `docs/protocol.md` that the code cites exists, and its ids agree."""

import re

import pytest

from tests.architecture.import_table import INTEGRATION, SIMULATOR
from tests.architecture.sources import ROOT, sources
from tests.architecture.test_files import FOLDERS

PAGE = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
SIGN = "\N{SECTION SIGN}"
SECTION = re.compile(rf"{SIGN}(\d+(?:\.\d+)*)")
HEADINGS = frozenset(re.findall(rf"^##+ {SIGN}([\d.]+) ", PAGE, re.MULTILINE))
NIL = "00000000-0000-0000-0000-000000000000"
GUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
# A citation names the page, so that a reader can search for it: "protocol", then one
# or more sections.
CITATION = re.compile(
    rf"protocol(?:\.md)? {SIGN}[\d.]*\d(?:(?:, | and ){SIGN}[\d.]*\d)*"
)

CODE = {
    str(path.relative_to(ROOT)): text
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*.py"))
    if SIGN in (text := path.read_text(encoding="utf-8"))
}


def test_every_section_that_is_cited_exists() -> None:
    """Otherwise the comment cannot be checked."""
    nowhere = {
        f"{path}: {SIGN}{section}"
        for path, text in CODE.items()
        for section in SECTION.findall(text)
        if section not in HEADINGS
    }
    assert nowhere == set()


def test_a_citation_has_the_name_of_the_page() -> None:
    """A number alone does not name the page: write "protocol §1.2"."""
    bare = [path for path, text in CODE.items() if SIGN in CITATION.sub("", text)]
    assert bare == []


def test_the_page_cites_only_its_own_sections() -> None:
    """Sections move, and references are easily forgotten."""
    assert set(SECTION.findall(PAGE)) <= HEADINGS


@pytest.mark.parametrize("package", [INTEGRATION, SIMULATOR])
def test_every_id_in_the_code_is_on_the_page(package: str) -> None:
    """An id without a source might be a typing mistake, or valid at one site only."""
    found = {
        guid
        for source in sources(package)
        for guid in GUID.findall(source.text.lower())
    }
    assert found - {NIL} <= set(GUID.findall(PAGE.lower()))
