"""The page about security, held against the tests that it names."""

import re

import pytest

from tests.architecture.proofs import PROOF, exists
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
PROOFS = sorted(set(PROOF.findall(PAGE)))
RIGHTS = ("| Connect", "| Read ", "| Trigger ")
# Rows of the tables that name tests, which those about rights do not.
ROWS = [
    row
    for row in re.findall(r"^\| .*\|$", PAGE, re.MULTILINE)
    if not row.startswith(("| what ", "| --- ", "| right ", *RIGHTS))
]


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_a_test(row: str) -> None:
    """A claim needs a test."""
    assert PROOF.search(row)


def test_there_are_rows() -> None:
    """A search that finds nothing proves nothing."""
    assert len(ROWS) > 15


def test_every_test_that_is_named_exists() -> None:
    """A test that was renamed proves nothing to the reader."""
    assert [proof for proof in PROOFS if not exists(*proof)] == []
