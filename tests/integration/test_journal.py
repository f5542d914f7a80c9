"""The journal of the position after a kill, a power cut and a full disk."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import errno
import os
from pathlib import Path
import stat

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.journal import Journal

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Return an empty journal."""
    return Journal(path=tmp_path / "journal")


def changes(second: int) -> Checkpoint:
    """Return the changes by one event."""
    time = START + second * SECOND
    return Checkpoint(
        cursor=time,
        low_watermark=START,
        complete_at=time,
        remembered={f"id-{second}": time},
    )


def again(journal: Journal) -> Journal:
    """Return what the next run reads from the file."""
    return Journal(path=journal.path)


BEGINNING = Checkpoint.beginning(START)


def test_a_run_continues_after_the_last_line(journal: Journal) -> None:
    """Home Assistant was killed; the written lines are used."""
    for second in range(1, 4):
        journal.append(changes(second))
    found = again(journal).applied_to(BEGINNING, 0)
    assert found.cursor == START + 3 * SECOND
    assert list(found.remembered) == ["id-1", "id-2", "id-3"]


def test_lines_from_before_the_whole_position_are_not_applied(journal: Journal) -> None:
    """They are older, and would move the cursor back."""
    for second in range(1, 4):
        journal.append(changes(second))
    whole = changes(9)
    found = again(journal).applied_to(whole, 3)
    assert found == whole
    next_run = again(journal)
    next_run.applied_to(whole, 3)
    next_run.append(changes(10))
    assert again(journal).applied_to(whole, 3).cursor == START + 10 * SECOND


@given(cut=st.integers(0, 200))
def test_a_truncated_last_line_loses_only_itself(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    """The power was cut while it was written. The next run begins a new line."""
    journal = Journal(path=tmp_path_factory.mktemp("torn") / "journal")
    journal.append(changes(1))
    whole = journal.path.stat().st_size
    journal.append(changes(2))
    with journal.path.open("r+b") as file:
        file.truncate(min(whole + cut, journal.path.stat().st_size))
    next_run = again(journal)
    found = next_run.applied_to(BEGINNING, 0)
    assert found.cursor in {START + SECOND, START + 2 * SECOND}
    assert "id-1" in found.remembered
    next_run.append(changes(3))
    assert {"id-1", "id-3"} <= again(journal).applied_to(BEGINNING, 0).remembered.keys()


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x00\xff\n",
        b"[]\n{}\n",
        b'{"number":1}\n',
        *(
            f'{{"number":1,"cursor":{cursor},"horizon":0,"complete_at":0,"new":{new}}}\n'.encode()
            for cursor, new in (
                ('"noon"', "{}"),
                ("1e999", "{}"),
                (10**30, "{}"),
                (250_000_000_000_000_000, "{}"),
                (-(10**16), "{}"),
                (0, "[]"),
            )
        ),
    ],
)
def test_an_invalid_line_is_skipped(journal: Journal, garbage: bytes) -> None:
    """No damage of the file may prevent loading a site."""
    journal.path.write_bytes(garbage)
    journal.append(changes(1))
    assert "id-1" in again(journal).applied_to(BEGINNING, 0).remembered


def test_a_line_after_an_incomplete_one_is_read(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was full for a while, and only a part of a line was written."""
    write = os.write

    def fill(file: int, data: bytes) -> int:
        return write(file, data[: len(data) // 2])

    journal.append(changes(1))
    with monkeypatch.context() as full:
        full.setattr(os, "write", fill)
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            journal.append(changes(2))
    journal.append(changes(3))
    found = again(journal).applied_to(BEGINNING, 0)
    assert list(found.remembered) == ["id-1", "id-3"]


def test_other_users_of_the_system_may_not_read_it(journal: Journal) -> None:
    """It shows when people are at home."""
    journal.append(changes(1))
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_it_is_synced_once_a_minute(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory cards wear out, and a power cut may cost a minute."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    clock = iter(range(1000, 10_000, 5))
    now: Callable[[], float] = lambda: float(next(clock))  # noqa: E731 - a clock
    monkeypatch.setattr("time.monotonic", now)
    for second in range(24):
        journal.append(changes(second))
    assert 2 <= len(synced) <= 4
