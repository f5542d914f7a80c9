"""All events arrive once, however the server interprets the protocol."""

from collections import Counter
from datetime import timedelta
import logging

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest

from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.engine.event_poll import PAGE_SIZE
from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options

# More than a reply can contain, and more than half of the remembered ids.
BURST = 5000
# Two full replies or pages, and a part of a third.
THREE_REPLIES = 2200
# More than a reply or a page can contain.
GAP = 1220
# Requests to read them twice, in pages or replies of 100.
MANY_REQUESTS = 250


def serving(*faults: str) -> Options:
    """Return the options of a server with these variants from the start."""
    return Options(faults=faults)


QUIRKS: dict[str, Options] = {
    "maxSize limits a reply": serving(),
    "maxSize limits the window": serving("window_reading"),
    "window, no deletions": serving("window_reading", "no_deletions"),
    "window, path without suffix": serving("window_reading", "session_path:short"),
    "window, wrapped": serving("window_reading", "wrapped_session:result"),
    "window, expires by 400": serving("window_reading", "expiry_answer:400"),
    "window, repeats a reply": serving("window_reading", "event_repeated:next"),
    "window, shuffled": serving("window_reading", "out_of_order"),
    "path with suffix": serving("session_path:suffix"),
    "path without suffix": serving("session_path:short"),
    "wrapped in data": serving("wrapped_session:data"),
    "wrapped in result": serving("wrapped_session:result"),
    "created with 200": serving("session_status:200"),
    "expires by 404": serving("expiry_answer:404"),
    "expires by 400": serving("expiry_answer:400"),
    "expires by 410": serving("expiry_answer:410"),
    "empty filters refused": serving("empty_filters_refused"),
    "clamped to 100": serving("size_clamped"),
    "clamped to 100, window": serving("size_clamped", "window_reading"),
    "clamped to 100, pages": serving("size_clamped", "time_filter_ignored"),
    "session begins empty": serving("session_begins_empty"),
    "session newest first": serving("session_newest_first"),
    "session newest first, window": serving("session_newest_first", "window_reading"),
    "pages newest first": serving("pages_newest_first", "time_filter_ignored"),
    "pages ignore the time": serving("pages_ignore:time", "time_filter_ignored"),
    "pages ignore the page": serving("pages_ignore:page", "time_filter_ignored"),
    "time filter ignored": serving("time_filter_ignored"),
    "time filter ignored, window": serving("time_filter_ignored", "window_reading"),
    "repeats within a reply": serving("event_repeated:reply"),
    "repeats a reply": serving("event_repeated:next"),
    "shuffled": serving("out_of_order"),
}

ALL_QUIRKS = pytest.mark.parametrize(
    "simulator_options", QUIRKS.values(), ids=list(QUIRKS)
)
# The variants that are read differently; the others only change answers.
READINGS = pytest.mark.parametrize(
    "simulator_options",
    [serving(), serving("window_reading"), serving("time_filter_ignored")],
    ids=["reply", "window", "pages"],
)
# The variants whose sessions return only some of the stored events.
SESSIONS = pytest.mark.parametrize(
    "simulator_options",
    [
        serving(),
        serving("window_reading"),
        serving("size_clamped"),
        serving("session_begins_empty"),
        serving("session_newest_first", "window_reading"),
    ],
    ids=["reply", "window", "clamped", "begins empty", "newest first, window"],
)


async def a_burst_arrives(scene: Scene, count: int) -> None:
    """Create so many events between two polls; all of them must arrive once."""
    start = timedelta(seconds=2)
    for number in range(count):
        scene.emit(ago=start - number * start / count)
    await scene.time.passes(10)
    scene.assert_everything_arrived_once()
    assert scene.lines() == []


@ALL_QUIRKS
async def test_several_replies_between_two_polls_arrive_whole(scene: Scene) -> None:
    """Which variant real servers have is not documented (protocol §4.6, §9)."""
    await a_burst_arrives(scene, THREE_REPLIES)


@READINGS
async def test_a_burst_between_two_polls_arrives_whole(scene: Scene) -> None:
    """The ids of most remembered events are then replaced by those of the burst."""
    await a_burst_arrives(scene, BURST)


@pytest.mark.parametrize(
    "faults",
    [
        ("size_clamped",),
        ("pages_newest_first",),
        ("pages_newest_first", "size_clamped"),
        ("pages_ignore:time",),
        ("pages_ignore:page",),
        ("pages_ignore:page", "pages_newest_first"),
    ],
    ids=" ".join,
)
async def test_an_outage_is_caught_up_however_pages_are_read(
    scene: Scene, faults: tuple[str, ...]
) -> None:
    """Every event that a request returns is fired, and the requests end."""
    for fault in faults:
        scene.simulator.faults.enable(fault)
    await scene.unload()
    for _ in range(BURST):
        scene.emit(ago=timedelta(0))
        await scene.time.clock.advance(0.05)
    await scene.time.passes(120)
    requests = len(scene.simulator.requests)
    await scene.set_up()
    await scene.busy_time(60)
    scene.assert_everything_arrived_once()
    assert len(scene.simulator.requests) - requests < MANY_REQUESTS
    assert not scene.lines("cannot be read")


async def test_events_missing_in_pages_are_read_from_a_session(scene: Scene) -> None:
    """An event that one of the two methods returns is not lost."""
    await scene.unload()
    for _ in range(3000):
        scene.emit(ago=timedelta(0))
        await scene.time.clock.advance(0.05)
    await scene.time.passes(120)
    scene.simulator.faults.enable("pages_ignore")
    await scene.set_up()
    await scene.busy_time(60)
    scene.assert_everything_arrived_once()
    assert not scene.lines("cannot be read")


async def test_events_that_no_request_returns_are_reported_with_their_span(
    hass: HomeAssistant, scene: Scene
) -> None:
    """The user needs the time span of the missing events."""
    await scene.unload()
    for _ in range(3000):
        scene.emit(ago=timedelta(0))
        await scene.time.clock.advance(0.05)
    await scene.time.passes(120)
    for fault in ("pages_ignore", "session_begins_empty"):
        scene.simulator.faults.enable(fault)
    await scene.set_up()
    await scene.busy_time(60)
    arrived = Counter(scene.bus.ids)
    assert max(arrived.values()) == 1
    hidden = [event for event in scene.emitted if not arrived[event.id]]
    # One page can be read in each order.
    assert len(hidden) == len(scene.emitted) - 12 - 2 * PAGE_SIZE
    (line,) = scene.lines("cannot be read", level=logging.WARNING)
    issue_id = f"events_unreachable_{scene.entry.entry_id}"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    placeholders = issue.translation_placeholders or {}
    for moment, name in ((hidden[0].time, "since"), (hidden[-1].time, "until")):
        named = dt_util.parse_datetime(placeholders[name])
        assert named is not None
        assert abs(named - moment) < timedelta(seconds=10)
        assert f"{moment:%Y-%m-%d}" in line


@READINGS
async def test_more_events_than_a_reply_within_one_instant_arrive(scene: Scene) -> None:
    """Times are compared in steps of 10 ms, so no time is between such events."""
    scene.emit(1200)
    await scene.time.passes(5)
    scene.emit(3)
    await scene.time.passes(5)
    scene.assert_everything_arrived_once()


@ALL_QUIRKS
async def test_events_around_the_end_of_a_session_arrive_once(
    scene: Scene,
) -> None:
    """Event servers are restarted, and forget sessions for unknown reasons."""
    for _ in range(4):
        scene.emit(3)
        scene.simulator.restart_event_server()
        scene.emit(3)
        await scene.time.passes(3)
    await scene.busy_time(30)
    scene.assert_everything_arrived_once()
    assert scene.delivery == "poll"
    assert scene.lines() == []


@SESSIONS
async def test_events_while_a_session_is_lost_arrive_once(scene: Scene) -> None:
    """With sessions that begin empty, an earlier version lost 1,220 events."""
    scene.simulator.restart_event_server()
    scene.simulator.faults.enable("event_server_down")
    for _ in range(GAP):
        scene.emit(ago=timedelta(0))
        await scene.time.clock.advance(40 / GAP)
    scene.simulator.faults.disable("event_server_down")
    await scene.busy_time(60)
    scene.assert_everything_arrived_once()
    assert scene.delivery == "poll"


@READINGS
async def test_events_stored_with_a_delay_within_the_overlap_arrive(
    scene: Scene,
) -> None:
    """A recorder that was offline sends its events later."""
    await scene.time.passes(900)
    for minutes in (1, 5, 10, 14):
        scene.emit(ago=timedelta(minutes=minutes))
        await scene.busy_time(20)
    # A session that began after the start of the window is replaced every five minutes.
    await scene.busy_time(310)
    scene.assert_everything_arrived_once()
    assert len(scene.bus.missed) == 4


@pytest.mark.parametrize("delay", [5, 50])
async def test_events_that_are_all_stored_with_a_delay_arrive(
    scene: Scene, delay: int
) -> None:
    """A recorder on a slow line sends everything with a delay."""
    scene.simulator.faults.enable(f"late_stored:{delay}")
    await scene.busy_time(60)
    scene.simulator.faults.clear()
    await scene.time.passes(60)
    scene.assert_everything_arrived_once()
    assert not scene.bus.missed
