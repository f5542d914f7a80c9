"""The page about security, compared with the tests that it names."""

import re

import pytest

from tests.architecture.proofs import PROOF, exists
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
PROOFS = sorted(set(PROOF.findall(PAGE)))
RIGHTS = ("| Connect", "| Read ", "| Trigger ")
# The rows of the tables that name tests; those about rights do not.
ROWS = [
    row
    for row in re.findall(r"^\| .*\|$", PAGE, re.MULTILINE)
    if not row.startswith(("| what ", "| --- ", "| right ", *RIGHTS))
]


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_a_test(row: str) -> None:
    """Each claim needs a test."""
    assert PROOF.search(row)


def test_rows_are_found() -> None:
    """Otherwise the other tests would check nothing."""
    assert len(ROWS) > 15


def test_every_named_test_exists() -> None:
    """Readers must be able to find the named tests."""
    assert [proof for proof in PROOFS if not exists(*proof)] == []
