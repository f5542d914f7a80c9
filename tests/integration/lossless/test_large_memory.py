"""The memory for events with large pictures, with real sockets and real time."""

import asyncio
from asyncio.subprocess import PIPE
from datetime import timedelta
import json
import sys
import tracemalloc

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.cursor_store import CursorStore
from custom_components.xprotect_events.engine.checkpoint import Checkpoint
from custom_components.xprotect_events.engine.feed import Feed
from tests.integration.entries import load
from tests.integration.lossless.plate_server import PLATES
from tests.integration.lossless.scene import Bus

# Bytes above the memory before, at any time. The events take 40 MB on the wire.
MOST = 64 * 1024 * 1024


@pytest.mark.parametrize("seconds_ago", [60, 3600], ids=["session", "catch-up"])
async def test_a_catch_up_over_large_pictures_takes_little_memory(
    hass: HomeAssistant, seconds_ago: int
) -> None:
    """Home Assistant often runs on machines with two gigabytes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.lossless.plate_server"),
        str(seconds_ago),
        stdin=PIPE,
        stdout=PIPE,
    )
    assert process.stdout is not None
    facts = json.loads(await process.stdout.readline())
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=facts["site"],
        data={
            "url": facts["url"],
            "authentication": "basic",
            "username": "demo",
            "password": "demo",
            "verify_ssl": True,
        },
        options={"delivery": "poll"},
    )
    entry.add_to_hass(hass)
    position = Checkpoint.beginning(
        dt_util.utcnow() - timedelta(seconds=seconds_ago + 5)
    )
    await CursorStore(hass, entry.entry_id).save(Feed(position))
    seen = Bus()
    seen.listen(hass)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        await load(hass, entry)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        process.terminate()
        await process.wait()
    plates = [event.data["data"]["plate"] for event in seen.events]
    assert plates == [f"AB {number}" for number in range(PLATES)]
    assert peak - before < MOST
