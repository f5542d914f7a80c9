"""The table of faults in the documentation, held against simulator and tests."""

import re

import pytest

from tests.architecture.proofs import PROOF, exists
from tests.architecture.sources import ROOT
from xprotect_simulator.faults.fault_table import ALL_FAULTS
from xprotect_simulator.faults.recorder_fault_table import RECORDER_FAULTS
from xprotect_simulator.faults.video_fault_table import VIDEO_FAULTS

PAGE = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` (\|.*\|)$", PAGE, re.MULTILINE))
PROOFS = sorted(set(PROOF.findall(PAGE)))


def test_every_fault_of_the_simulator_has_its_row() -> None:
    """A fault of the simulator is one that users may meet.

    Those of recorders and of video cost a picture and never an event.
    """
    others = {*RECORDER_FAULTS, *VIDEO_FAULTS}
    assert set(ROWS) == {kind.name for kind in ALL_FAULTS if kind not in others}


@pytest.mark.parametrize("fault", ROWS)
def test_every_row_has_the_loss_and_a_test(fault: str) -> None:
    """A claim needs a test."""
    *_, lost, proof = (cell.strip() for cell in ROWS[fault].strip("|").split("|"))
    assert lost.startswith("nothing")
    assert PROOF.search(proof)


def test_every_test_that_is_named_exists() -> None:
    """A test that was renamed proves nothing to the reader."""
    assert [proof for proof in PROOFS if not exists(*proof)] == []
