"""The position on a real disk, which may be full, and its journal."""

from datetime import timedelta
import errno
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.xprotect_events import cursor_store
from custom_components.xprotect_events.api import Event, ServerClock
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.cursor_store import CursorStore
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.engine.feed import Feed
from custom_components.xprotect_events.journal import Journal
from tests.integration.conftest import A_MORNING, Poll
from xprotect_simulator import Simulator, event_ids

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.usefixtures("loaded")
async def test_a_full_disk_causes_one_warning_and_no_loss_once_there_is_room(
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
async def test_a_disk_that_stays_full_does_not_fill_the_memory(
    simulator: Simulator, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines that could not be written are part of the whole position, hourly."""
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


@pytest.mark.parametrize("is_garbage", [False, True])
async def test_the_journal_is_removed_once_the_whole_position_is_written(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    tmp_path: Path,
    *,
    is_garbage: bool,
) -> None:
    """A failed write leaves the old file."""
    store = CursorStore(hass, "entry")
    feed = Feed(Checkpoint.beginning(A_MORNING))
    await store.save(feed)
    if is_garbage:
        hass_storage["xprotect_events.entry"]["data"] = ["?"]
    journal = tmp_path / "xprotect_events.entry.journal"
    Journal(path=journal).append(feed.checkpoint())
    with patch.object(Store, "_async_write_data", side_effect=WriteError("full")):
        await store.save(feed)
    assert journal.exists()
    await store.save(feed)
    assert not journal.exists()


async def test_a_failed_write_of_the_whole_position_loses_no_id(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full for a second, and later the power is cut."""
    monkeypatch.setattr(cursor_store, "WHOLE_EVERY", -1.0)
    entry = MockConfigEntry(domain=DOMAIN, entry_id="entry")
    store = CursorStore(hass, "entry")
    feed = await store.load_feed(entry, ServerClock(), is_new=True)

    def arrive(number: int) -> str:
        time = feed.cursor + timedelta(seconds=number)
        event = Event(str(number), "", None, time, "", None, None, None, None)
        feed.accept([event], now=time, polled_since=None)
        return event.id

    async def wait_for_the_save() -> None:
        assert store.schedule(feed)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=6))
        await hass.async_block_till_done()

    append = Journal.append

    def meanwhile(journal: Journal, changes: Checkpoint) -> int:
        arrived.append(arrive(2))
        return append(journal, changes)

    arrived = [arrive(1)]
    with (
        patch.object(Journal, "append", meanwhile),
        patch.object(Store, "_async_write_data", side_effect=WriteError("full")),
    ):
        await wait_for_the_save()
    arrived.append(arrive(3))
    with patch.object(Store, "_async_write_data", side_effect=WriteError("full")):
        await wait_for_the_save()
    hass.data.pop(cursor_store.DATA_UNWRITTEN, None)
    found = await CursorStore(hass, "entry").load_feed(entry, ServerClock())
    assert found.checkpoint().remembered.keys() >= set(arrived)
