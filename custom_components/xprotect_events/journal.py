"""A file of lines with the changes since the whole position was written.

A line has times and new ids. It also has a number, so that a later whole position can
name the last line that it includes. An incomplete last line is ignored.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
import json
from operator import index
import os
from pathlib import Path
import time

from .api import YEARS
from .engine.checkpoint import Checkpoint

# Seconds between two syncs to disk. A power cut repeats events of this time; more syncs
# would wear out memory cards.
SYNC_EVERY = 60.0
# Bytes after which the whole position is written. A line of a busy site has some
# kilobytes, and a file of this size is read quickly.
MAX_BYTES = 8 * 1024 * 1024

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True, kw_only=True)
class Journal:
    """Appends lines. Every method may block, and may raise any `OSError`."""

    path: Path
    # The number of the last line.
    number: int = 0
    _is_torn: bool = field(default=False, init=False)
    _synced_at: float = field(default=0.0, init=False)

    def append(self, changes: Checkpoint) -> int:
        """Write a line; return the length of the file in bytes."""
        self.number += 1
        here = changes.complete_here
        line = (
            json.dumps(
                {
                    "number": self.number,
                    "cursor": _to_number(changes.cursor),
                    "horizon": _to_number(changes.low_watermark),
                    "complete_at": _to_number(changes.complete_at),
                    "here": here and _to_number(here),
                    "new": {
                        event_id: _to_number(moment)
                        for event_id, moment in changes.remembered.items()
                    },
                },
                separators=(",", ":"),
            )
            + "\n"
        )
        # After a line that was cut, start a new one.
        data = (("\n" if self._is_torn else "") + line).encode()
        self._is_torn = True
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.write(file, data) != len(data):
                raise OSError(ENOSPC, os.strerror(ENOSPC))
            self._is_torn = False
            if time.monotonic() - self._synced_at > SYNC_EVERY:
                self._synced_at = time.monotonic()
                os.fsync(file)
            return os.fstat(file).st_size
        finally:
            os.close(file)

    def applied_to(self, checkpoint: Checkpoint, number: int) -> Checkpoint:
        """Return a whole position with the changes of all lines after a number.

        Raises `TypeError` if the number, which is from a file, is none.
        """
        self.number = index(number)
        remembered = dict(checkpoint.remembered)
        for line, changes in self._lines():
            if line > number:
                self.number = max(self.number, line)
                remembered |= changes.remembered
                checkpoint = changes
        return Checkpoint(
            cursor=checkpoint.cursor,
            low_watermark=checkpoint.low_watermark,
            complete_at=checkpoint.complete_at,
            remembered=remembered,
            complete_here=checkpoint.complete_here,
        )

    def remove(self) -> None:
        """Remove the file."""
        self._is_torn = False
        with suppress(FileNotFoundError):
            self.path.unlink()

    def _lines(self) -> Iterator[tuple[int, Checkpoint]]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        # A power cut may have left a part of the last line.
        self._is_torn = bool(content) and not content.endswith(b"\n")
        for line in content.splitlines():
            with suppress(ValueError, KeyError, TypeError, AttributeError):
                yield _decode(json.loads(line))


def _decode(line: dict[str, object]) -> tuple[int, Checkpoint]:
    number, new, here = line["number"], line["new"], line.get("here")
    if not isinstance(number, int) or not isinstance(new, dict):
        raise TypeError
    return number, Checkpoint(
        cursor=_to_time(line["cursor"]),
        low_watermark=_to_time(line["horizon"]),
        complete_at=_to_time(line["complete_at"]),
        remembered={
            str(event_id): _to_time(moment) for event_id, moment in new.items()
        },
        complete_here=None if here is None else _to_time(here),
    )


def _to_number(moment: datetime) -> int:
    """Return a time in microseconds, which is shorter than a text."""
    return (moment - _EPOCH) // _MICROSECOND


def _to_time(number: object) -> datetime:
    if not isinstance(number, int):
        raise TypeError
    try:
        moment = _EPOCH + number * _MICROSECOND
    except OverflowError as err:
        raise ValueError(number) from err
    if moment.year not in YEARS:
        # Computing with times outside of these years could fail.
        raise ValueError(number)
    return moment
