"""However a server reads the protocol, all of its events arrive, each of them once."""

from datetime import timedelta

import pytest

from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options

# More than a reply holds, and more than half of what is remembered.
BURST = 5000


def serving(*faults: str) -> Options:
    """Return the options of a server that has these manners from the start."""
    return Options(faults=faults)


MANNERS: dict[str, Options] = {
    "maxSize limits a reply": serving(),
    "maxSize limits the window": serving("window_reading"),
    "window, deletions untold": serving("window_reading", "no_deletions"),
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
    "time filter ignored": serving("time_filter_ignored"),
    "time filter ignored, window": serving("time_filter_ignored", "window_reading"),
    "repeats within a reply": serving("event_repeated:reply"),
    "repeats a reply": serving("event_repeated:next"),
    "shuffled": serving("out_of_order"),
}


ALL_MANNERS = pytest.mark.parametrize(
    "simulator_options", MANNERS.values(), ids=list(MANNERS)
)
# Those between which the way of reading differs; the others are forms of answers.
READINGS = pytest.mark.parametrize(
    "simulator_options",
    [serving(), serving("window_reading"), serving("time_filter_ignored")],
    ids=["reply", "window", "pages"],
)


@ALL_MANNERS
async def test_a_burst_between_two_polls_arrives_whole(scene: Scene) -> None:
    """Which of these a server does is not documented (protocol §4.6, §9)."""
    start = timedelta(seconds=2)
    for number in range(BURST):
        scene.emit(ago=start - number * start / BURST)
    await scene.time.passes(10)
    scene.assert_everything_arrived_once()
    assert scene.lines() == []


@READINGS
async def test_more_than_a_reply_within_one_moment_arrives_whole(scene: Scene) -> None:
    """Times are compared in steps of 10 ms, so no time lies between such events."""
    scene.emit(1200)
    await scene.time.passes(5)
    scene.emit(3)
    await scene.time.passes(5)
    scene.assert_everything_arrived_once()


@ALL_MANNERS
async def test_what_happens_around_the_end_of_a_session_arrives_once(
    scene: Scene,
) -> None:
    """Event servers are restarted, and forget sessions by rules of their own."""
    for _ in range(4):
        scene.emit(3)
        scene.simulator.restart_event_server()
        scene.emit(3)
        await scene.time.passes(3)
    await scene.busy_time(30)
    scene.assert_everything_arrived_once()
    assert scene.delivery == "poll"
    assert scene.lines() == []


@READINGS
async def test_what_is_stored_late_within_the_overlap_arrives(scene: Scene) -> None:
    """A recorder that was offline delivers afterwards what its cameras saw."""
    await scene.time.passes(900)
    for minutes in (1, 5, 10, 14):
        scene.emit(ago=timedelta(minutes=minutes))
        await scene.busy_time(20)
    # A session that began later than the window is replaced every five minutes.
    await scene.busy_time(310)
    scene.assert_everything_arrived_once()
    assert len(scene.bus.missed) == 4


@pytest.mark.parametrize("delay", [5, 50])
async def test_a_server_that_stores_all_events_late_loses_none(
    scene: Scene, delay: int
) -> None:
    """A recorder on a slow line tells everything with a delay."""
    scene.simulator.faults.enable(f"late_stored:{delay}")
    await scene.busy_time(60)
    scene.simulator.faults.clear()
    await scene.time.passes(60)
    scene.assert_everything_arrived_once()
    assert not scene.bus.missed
