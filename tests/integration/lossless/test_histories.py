"""Histories of real sites, written without knowledge of the code."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
import errno
import os
from unittest.mock import patch

from homeassistant.core import Event, callback
from homeassistant.helpers.storage import Store
import pytest

from custom_components.xprotect_events.api import ServerClock
from custom_components.xprotect_events.const import EVENT_ALARM
from custom_components.xprotect_events.cursor_store import CursorStore
from custom_components.xprotect_events.engine import checkpoint
from custom_components.xprotect_events.journal import Journal
from tests.integration.lossless.scene import BUS_EVENTS, Scene
from xprotect_simulator import Options, Simulator, event_ids
from xprotect_simulator.happening.ledger import Ledger

HOUR = 3600
BOTH_WAYS = pytest.mark.parametrize(
    "entry_options", [{"delivery": "poll"}, {}], ids=["poll", "push"]
)


@contextmanager
def full_disk() -> Iterator[None]:
    """Make all writes fail; Home Assistant only logs that for whole files."""
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with (
        patch.object(Store, "async_save"),
        patch.object(Journal, "append", side_effect=full),
    ):
        yield


async def kill(scene: Scene) -> None:
    """End the entry without the writes of a stop."""
    with patch.object(CursorStore, "save"):
        await scene.unload()


@BOTH_WAYS
@pytest.mark.parametrize("ahead", [0, 24], ids=["same clock", "clock a day ahead"])
async def test_another_site_at_the_address_delivers_nothing(
    unset_scene: Scene, ahead: int
) -> None:
    """Two sites of one owner swap addresses; both accept the user and the password."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(10)
    own = scene.simulator
    await own.stop()
    skew = f"clock_skew:{ahead * HOUR}"
    options = Options(port=own.port, seed=2, faults=(skew,))
    async with Simulator(options, clock=scene.time.clock) as other:
        for _ in range(4):
            other.world.emit(event_ids.MOTION_STARTED, other.world.cameras[0])
            scene.emit()
            await scene.time.passes(5)
        assert other.login_attempts
    await own.start()
    # The set-up is tried again after 5, 10, 20 seconds and so on.
    await scene.time.passes(60)
    await scene.busy_time(10)
    await scene.time.passes(3)
    scene.assert_everything_arrived_once()


async def test_a_failed_check_does_not_mean_another_site(scene: Scene) -> None:
    """The management server is restarted at the moment when a token is replaced."""
    sites = "path=/api/rest/v1/sites"
    for trouble in (f"server_error:503:{sites}", f"slow:30:{sites}"):
        scene.simulator.faults.enable(trouble)
        scene.simulator.identity.revoke_tokens()
        await scene.busy_time(60)
        scene.simulator.faults.clear()
    scene.assert_everything_arrived_once()
    assert not scene.bus.missed


async def test_our_own_clock_that_is_set_after_the_start_repeats_nothing(
    unset_scene: Scene,
) -> None:
    """A Raspberry Pi was off for hours; its clock continued where it had stopped."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(10)
    await scene.unload()
    scene.emit(30)
    await scene.time.passes(5 * HOUR)
    clock = scene.time.clock
    behind = timedelta(hours=5)
    # There were more events than are remembered beyond the window.
    few = patch.object(checkpoint, "MAX_RECENT", 10)
    with few, patch.object(ServerClock, "own_now", lambda _: clock.now() - behind):
        await scene.set_up()
        await scene.time.passes(60)
    # The clock is set from the network, nothing happens, and the power is cut.
    await scene.time.passes(60)
    await kill(scene)
    await scene.set_up()
    await scene.busy_time(10)
    await scene.time.passes(3)
    scene.assert_everything_arrived_once()


@BOTH_WAYS
@pytest.mark.parametrize("full_for", ["always", "a minute", "the reload"])
async def test_a_reload_while_the_disk_is_full_repeats_nothing(
    unset_scene: Scene, full_for: str
) -> None:
    """A user reloads the entry because of the warning in the log."""
    scene = unset_scene
    with ExitStack() as disk:
        if full_for == "always":
            disk.enter_context(full_disk())
        await scene.set_up()
        await scene.busy_time(20)
        if full_for == "a minute":
            disk.enter_context(full_disk())
        await scene.busy_time(60)
        await scene.time.passes(6)
        scene.emit(2)
        # They have arrived, and are not in the journal yet.
        await scene.time.passes(2.5)
        if full_for == "the reload":
            disk.enter_context(full_disk())
        await scene.unload()
        await scene.set_up()
        await scene.busy_time(10)
    await scene.time.passes(3)
    scene.assert_everything_arrived_once()


@pytest.mark.parametrize("entry_options", [{"delivery": "poll", "alarms": True}])
async def test_a_reload_while_the_disk_is_full_mixes_no_events_with_alarms(
    unset_scene: Scene,
) -> None:
    """Both positions are kept in memory."""
    scene = unset_scene
    names: list[str] = []
    scene.hass.bus.async_listen(EVENT_ALARM, lambda one: names.append(one.data["name"]))
    await scene.set_up()
    await scene.busy_time(10)
    with full_disk():
        scene.simulator.alarms.raise_alarm("Before")
        await scene.busy_time(40)
        await scene.unload()
        await scene.set_up()
        scene.simulator.alarms.raise_alarm("After")
        await scene.busy_time(40)
    scene.assert_everything_arrived_once()
    assert names == ["Before", "After"]


async def test_states_are_right_with_a_new_event_database(
    scene: Scene,
) -> None:
    """The running numbers of events begin with 1 again."""
    await scene.busy_time(30)
    scene.simulator.world.ledger = Ledger()
    scene.simulator.restart_event_server()
    for _ in range(4):
        scene.emit()
        await scene.time.passes(5)
        assert scene.motion == scene.expected_motion
    scene.assert_everything_arrived_once()


@BOTH_WAYS
@pytest.mark.parametrize("delivered", [1, 120, 1100])
async def test_a_kill_in_a_burst_repeats_seconds_and_loses_nothing(
    unset_scene: Scene, delivered: int
) -> None:
    """A burst is more than a page, and its delivered part is not written yet."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(30)
    await scene.time.passes(10)
    written = Counter(scene.bus.ids)
    killing: list[asyncio.Task[bool]] = []

    @callback
    def kill_soon(_event: Event) -> None:
        if len(scene.bus.ids) >= written.total() + delivered and not killing:
            unload = scene.hass.config_entries.async_unload(scene.entry.entry_id)
            killing.append(scene.hass.async_create_task(unload))

    for event_type in BUS_EVENTS:
        scene.hass.bus.async_listen(event_type, kill_soon)
    with (
        patch.object(Journal, "append", return_value=0),
        patch.object(CursorStore, "save"),
    ):
        scene.emit(1200)
        await scene.time.passes(15)
        (killed,) = killing
        assert await killed
    await scene.set_up()
    await scene.busy_time(60)
    await scene.time.passes(40)
    seen = Counter(scene.bus.ids)
    assert set(seen) == {event.id for event in scene.emitted}
    assert all(seen[event_id] == 1 for event_id in written)
    assert scene.motion == scene.expected_motion
