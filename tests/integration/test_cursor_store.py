"""The position on a real disk: a full one, and when the journal is needed no more."""

import errno
import json
import os
from pathlib import Path
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from custom_components.xprotect_events import cursor_store
from custom_components.xprotect_events.cursor_store import CursorStore
from custom_components.xprotect_events.engine.feed import Checkpoint, Feed
from custom_components.xprotect_events.journal import Journal
from tests.integration.conftest import A_MORNING, Poll
from xprotect_simulator import Simulator, event_ids

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.usefixtures("loaded")
async def test_a_full_disk_is_one_warning_and_costs_nothing_when_there_is_room_again(
    simulator: Simulator, poll: Poll, caplog: pytest.LogCaptureFixture
) -> None:
    """A night of warnings would fill the rest of the disk."""
    append = Journal.append
    lines: list[Checkpoint] = []

    def note(journal: Journal, changes: Checkpoint) -> int:
        lines.append(changes)
        return append(journal, changes)

    happened = []
    with patch.object(Journal, "append", side_effect=FULL):
        for _ in range(3):
            camera = simulator.world.cameras[0]
            happened.append(simulator.world.emit(event_ids.MOTION_STARTED, camera))
            await poll(6)
            await poll(6)
    with patch.object(Journal, "append", note):
        simulator.world.emit(event_ids.MOTION_STOPPED, simulator.world.cameras[0])
        await poll(6)
        await poll(6)
    assert caplog.text.count("The position cannot be written") == 1
    written = {event_id for line in lines for event_id in line.remembered}
    assert written >= {event.id for event in happened}


@pytest.mark.usefixtures("loaded")
async def test_a_disk_that_stays_full_fills_no_memory(
    simulator: Simulator, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was given up is written with the whole position, hourly."""
    monkeypatch.setattr(cursor_store, "MAX_UNWRITTEN", 1)
    sizes: list[int] = []

    def refuse(_: Journal, changes: Checkpoint) -> int:
        sizes.append(len(changes.remembered))
        raise FULL

    with patch.object(Journal, "append", refuse):
        for _ in range(5):
            simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
            await poll(6)
            await poll(6)
    assert max(sizes) <= 3


@pytest.mark.parametrize(("written", "is_left"), [(1, False), (0, True), ("?", True)])
async def test_the_journal_goes_once_the_whole_position_is_on_the_disk(
    hass: HomeAssistant, tmp_path: Path, written: object, is_left: bool
) -> None:
    """A write that failed leaves no trace but the file as it was."""
    hass.config.config_dir = str(tmp_path)
    store = CursorStore(hass, "entry")
    feed = Feed(Checkpoint.beginning(A_MORNING))
    journal = Journal(path=tmp_path / "xprotect_events.entry.journal")
    journal.append(feed.checkpoint())
    whole = tmp_path / ".storage" / "xprotect_events.entry"
    whole.parent.mkdir()
    whole.write_text(json.dumps({"data": {"journal": written}}), encoding="utf-8")
    with patch.object(Journal, "number", 1):
        await store.save(feed)
    assert journal.path.exists() is is_left
