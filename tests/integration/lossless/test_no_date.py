"""A server, or a proxy in front of it, that sends no `Date`: its time is unknown."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.xprotect_events.api import ServerClock
from custom_components.xprotect_events.const import DOMAIN
from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options, event_ids

HOUR = 3600
BOTH_WAYS = pytest.mark.parametrize(
    "entry_options", [{"delivery": "poll"}, {}], ids=["poll", "push"]
)
NO_DATE = pytest.mark.parametrize(
    "simulator_options", [Options(scenario="quiet", faults=("no_date",))]
)


async def an_outage_and_a_reload(scene: Scene) -> None:
    """Create events while polls fail, and while the entry is unloaded.

    All of them must arrive once.
    """
    scene.simulator.faults.enable("event_server_down")
    await scene.busy_time(600)
    scene.simulator.faults.disable("event_server_down")
    await scene.busy_time(60)
    await scene.unload()
    scene.emit(30)
    await scene.time.passes(HOUR)
    await scene.set_up()
    await scene.busy_time(60)
    await scene.time.passes(40)
    scene.assert_everything_arrived_once()
    assert scene.motion == scene.expected_motion


async def emit_before_the_start(scene: Scene, count: int) -> None:
    """Create events, one every five seconds, before the entry is set up."""
    for _ in range(count):
        scene.simulator.world.emit(event_ids.MOTION_STARTED, scene.camera)
        await scene.time.clock.advance(5)


@contextmanager
def server_ahead(scene: Scene, minutes: int) -> Iterator[None]:
    """Let the server's clock be ahead of our own, or behind if negative."""
    clock, ahead = scene.time.clock, timedelta(minutes=minutes)
    with patch.object(ServerClock, "own_now", lambda _: clock.now() - ahead):
        yield


@NO_DATE
@BOTH_WAYS
async def test_events_arrive_once_over_outages_and_reloads(unset_scene: Scene) -> None:
    """Our own clock is used instead of the server's."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(60)
    assert not scene.bus.missed
    await an_outage_and_a_reload(scene)
    assert len(scene.bus.missed) >= 100


@NO_DATE
@BOTH_WAYS
@pytest.mark.parametrize(
    ("minutes", "before"), [(-120, 0), (-120, 40), (-10, 40), (10, 40), (120, 40)]
)
async def test_the_clocks_may_differ(
    unset_scene: Scene, minutes: int, before: int
) -> None:
    """An earlier version delivered no event while the server's clock was behind."""
    scene = unset_scene
    await emit_before_the_start(scene, before)
    with server_ahead(scene, minutes):
        await scene.set_up()
        await scene.busy_time(60)
        await an_outage_and_a_reload(scene)
    # The age of an event is computed by our own clock.
    assert bool(scene.bus.live) == (minutes > 0)


@NO_DATE
@BOTH_WAYS
@pytest.mark.parametrize("minutes", [-120, 120], ids=["behind", "ahead"])
@pytest.mark.parametrize("crashes", [False, True], ids=["reload", "crash"])
async def test_a_reload_before_the_first_poll_changes_nothing(
    hass_storage: dict[str, Any], unset_scene: Scene, minutes: int, *, crashes: bool
) -> None:
    """The beginning is unknown until the first poll succeeds."""
    scene = unset_scene
    await emit_before_the_start(scene, 40)
    with server_ahead(scene, minutes):
        scene.simulator.faults.enable("event_server_down")
        await scene.set_up()
        await scene.time.passes(60)
        before = deepcopy(hass_storage)
        await scene.unload()
        if crashes:
            hass_storage.clear()
            hass_storage.update(before)
        scene.simulator.faults.disable("event_server_down")
        await scene.set_up()
        await scene.busy_time(60)
        await an_outage_and_a_reload(scene)


@NO_DATE
@BOTH_WAYS
async def test_a_server_whose_clock_is_behind_has_an_issue(
    unset_scene: Scene, issue_registry: ir.IssueRegistry
) -> None:
    """All of its events count as missed, and nothing else explains it."""
    scene = unset_scene
    issue = f"server_clocks_differ_{scene.entry.entry_id}"
    with server_ahead(scene, -10):
        await scene.set_up()
        await scene.busy_time(240)
        assert issue_registry.async_get_issue(DOMAIN, issue) is None
        await scene.busy_time(120)
        named = issue_registry.async_get_issue(DOMAIN, issue)
        assert named is not None
        assert named.translation_placeholders is not None
        assert 600 <= int(named.translation_placeholders["seconds"]) <= 603
    assert not scene.bus.live
    scene.assert_everything_arrived_once()
