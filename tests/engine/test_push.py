"""One stream after the other: their ends and the waits between them."""

import asyncio
from asyncio import CancelledError
from collections.abc import AsyncIterator

import aiohttp
import pytest

from custom_components.xprotect_events.api import (
    CredentialsRefusedError,
    Source,
)
from custom_components.xprotect_events.engine import push as push_module
from custom_components.xprotect_events.engine.backoff import FIRST
from custom_components.xprotect_events.engine.selection import Selection
from tests.engine.push_watcher import Watcher
from xprotect_simulator import ManualClock, Options, Simulator, event_ids


@pytest.fixture
def clock() -> ManualClock:
    """Return the server's clock."""
    return ManualClock()


@pytest.fixture
async def simulator(clock: ManualClock) -> AsyncIterator[Simulator]:
    """Serve a quiet site."""
    async with Simulator(Options(scenario="quiet"), clock=clock) as running:
        yield running


@pytest.fixture
async def watcher(simulator: Simulator) -> AsyncIterator[Watcher]:
    """Watch a stream that is not open yet."""
    async with aiohttp.ClientSession() as session:
        yield Watcher(simulator, session)


async def test_a_server_without_a_stream_is_asked_again_soon(
    simulator: Simulator, watcher: Watcher
) -> None:
    """It may be an older one, or a gateway that is restarting."""
    simulator.faults.enable("ws_unavailable:404")
    async with watcher.running():
        assert await watcher.pauses.get() <= FIRST


async def test_a_retry_after_of_the_stream_is_obeyed(
    simulator: Simulator, watcher: Watcher
) -> None:
    """The server knows how long it needs."""
    simulator.faults.enable("too_many_requests:600:path=/api/ws/*")
    async with watcher.running():
        assert await watcher.pauses.get() == 600


async def test_a_refused_password_ends_the_push(
    simulator: Simulator, watcher: Watcher
) -> None:
    """Each further attempt could lock the account."""
    simulator.identity.set_password("new")
    with pytest.raises(CredentialsRefusedError):
        await watcher.push.run()
    assert len(simulator.login_attempts) == 1


@pytest.mark.parametrize(
    "fault", ["ws_refused:startSession:count=8", "ws_close_early:count=8"]
)
async def test_streams_that_end_at_once_are_followed_by_longer_waits(
    simulator: Simulator, watcher: Watcher, fault: str
) -> None:
    """Each attempt costs a session, its states and a poll."""
    simulator.faults.enable(fault)
    watcher.pauses_end.set()
    async with watcher.following():
        pauses = [watcher.pauses.get_nowait() for _ in range(8)]
        assert pauses[0] <= 2
        assert pauses[-1] > 5


async def test_an_event_does_not_reset_the_waits(
    simulator: Simulator, watcher: Watcher
) -> None:
    """Otherwise a stream that ends at every event would be reopened again and again."""
    watcher.pauses_end.set()
    simulator.faults.enable("ws_close:1011:every=2")
    async with watcher.following():
        pauses = []
        for _ in range(6):
            simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
            await watcher.delivered.get()
            simulator.world.emit(event_ids.MOTION_STOPPED, simulator.world.cameras[0])
            pauses.append(await watcher.pauses.get())
            await watcher.delivered.get()
        assert pauses[-1] > 5


async def test_the_end_of_a_long_stream_resets_the_waits(
    simulator: Simulator, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gateways are recycled every day, which takes a moment."""
    monkeypatch.setattr(push_module, "PROVED_AFTER", 0)
    simulator.faults.enable("ws_refused:startSession:count=8")
    watcher.pauses_end.set()
    async with watcher.following():
        assert [watcher.pauses.get_nowait() for _ in range(8)][-1] > 5
        simulator.sockets.drop_all()
        assert await watcher.pauses.get() <= 2


UNFORESEEN: tuple[BaseException, ...] = (ValueError("unforeseen"), CancelledError())


@pytest.mark.parametrize("error", UNFORESEEN, ids=["an error", "a cancellation"])
@pytest.mark.parametrize(
    "method",
    [
        "subscription",
        "push_began",
        "lacks_push",
        "push_ended",
    ],
)
async def test_push_survives_unexpected_errors(
    simulator: Simulator,
    watcher: Watcher,
    caplog: pytest.LogCaptureFixture,
    method: str,
    error: BaseException,
) -> None:
    """Otherwise push would end until a reload, and only a repair would show it."""
    watcher.pauses_end.set()
    watcher.fails_next(method, error, times=3)
    async with watcher.running():
        pauses: list[float] = []
        while len(pauses) < 3:
            simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
            if method == "push_ended":
                simulator.sockets.drop_all()
            await asyncio.sleep(0)
            while not watcher.pauses.empty():
                pauses.append(watcher.pauses.get_nowait())
        while not watcher.delivered.empty():
            watcher.delivered.get_nowait()
        await simulator.sockets.until(lambda: simulator.sockets.open == 1)
        await watcher.states.get()
        event = simulator.world.emit(
            event_ids.MOTION_STOPPED, simulator.world.cameras[0]
        )
        while (await watcher.delivered.get()).id != event.id:
            pass
    assert len([one for one in caplog.records if one.levelname == "ERROR"]) == 1


async def test_a_server_without_states_pushes_events_all_the_same(
    simulator: Simulator, watcher: Watcher
) -> None:
    """States also follow from events, which may never come."""
    simulator.faults.enable("ws_refused:getState")
    async with watcher.running():
        assert await watcher.states.get() is None
        event = simulator.world.emit(
            event_ids.MOTION_STARTED, simulator.world.cameras[0]
        )
        assert (await watcher.delivered.get()).id == event.id


async def test_only_chosen_types_and_those_of_states_are_pushed(
    simulator: Simulator, watcher: Watcher
) -> None:
    """The filter avoids the events of a thousand cameras."""
    world = simulator.world
    watcher.selection = Selection(
        sources=frozenset({Source.parse(world.cameras[0].path)})
    )
    async with watcher.following():
        world.emit(event_ids.MOTION_STARTED, world.cameras[1])
        state = world.emit(event_ids.INPUT_ACTIVATED, world.named("Gate"))
        chosen = world.emit(event_ids.MOTION_STARTED, world.cameras[0])
        found = [(await watcher.delivered.get()).id for _ in range(2)]
        assert found == [state.id, chosen.id]
        assert watcher.delivered.empty()


async def test_an_event_is_delivered_without_data_that_does_not_arrive(
    simulator: Simulator, watcher: Watcher
) -> None:
    """It is useful to know that a plate was read even without the plate."""
    world = simulator.world
    simulator.faults.enable("server_error:500:path=/api/rest/v1/events/*")
    simulator.faults.enable("ws_bare")
    async with watcher.following():
        event = world.emit(
            world.analytics_events[0].id, world.cameras[0], data={"Plate": "AB 123"}
        )
        delivered = await watcher.delivered.get()
        assert (delivered.id, delivered.data) == (event.id, None)


async def test_an_event_that_waits_for_its_data_delays_no_other(
    simulator: Simulator, watcher: Watcher
) -> None:
    """The doorbell must not wait for a licence plate."""
    world = simulator.world
    simulator.faults.enable("slow:60:path=/api/rest/v1/events/*")
    simulator.faults.enable("ws_bare")
    async with watcher.following():
        world.emit(world.analytics_events[0].id, world.cameras[0], data={"Plate": "A"})
        motion = world.emit(event_ids.MOTION_STARTED, world.cameras[0])
        assert (await watcher.delivered.get()).id == motion.id
        assert watcher.delivered.empty()


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the wait for data."""
    monkeypatch.setattr(push_module, "DATA_PATIENCE", 0.1)


@pytest.mark.usefixtures("short_patience")
async def test_a_burst_without_data_causes_few_requests(
    simulator: Simulator, watcher: Watcher, clock: ManualClock
) -> None:
    """A car park with a thousand cars, or a hostile server."""
    world = simulator.world
    simulator.faults.enable("slow:60:path=/api/rest/v1/events/*")
    simulator.faults.enable("ws_bare")
    async with watcher.following():
        before = len(simulator.requests)
        made = {
            world.emit(world.analytics_events[0].id, world.cameras[0], data={"n": n}).id
            for n in range(1000)
        }
        found = {(await watcher.delivered.get()).id for _ in range(1000)}
        assert found == made
        assert len(simulator.requests) - before <= 2 * push_module.DATA_AT_A_TIME
    await clock.advance(60)


async def test_an_event_that_waits_when_push_ends_is_left_to_the_poll(
    simulator: Simulator, watcher: Watcher, clock: ManualClock
) -> None:
    """If it counted as delivered, it would be lost at the restart."""
    world = simulator.world
    simulator.faults.enable("slow:60:path=/api/rest/v1/events/*")
    simulator.faults.enable("ws_bare")
    async with watcher.following():
        waiting = world.emit(world.analytics_events[0].id, world.cameras[0], data={})
        motion = world.emit(event_ids.MOTION_STARTED, world.cameras[0])
        await watcher.delivered.get()
    await clock.advance(60)
    assert watcher.delivered.empty()
    remembered = watcher.feed.checkpoint().trimmed().remembered
    assert motion.id in remembered
    assert waiting.id not in remembered


async def test_a_stream_is_replaced_only_while_it_is_open(
    simulator: Simulator, watcher: Watcher
) -> None:
    """The audit may find missing events when the next stream is being opened."""
    watcher.push.replace()
    async with watcher.following():
        event = simulator.world.emit(
            event_ids.MOTION_STARTED, simulator.world.cameras[0]
        )
        assert (await watcher.delivered.get()).id == event.id
        # A poll of several portions may find several reasons.
        watcher.push.replace()
        await asyncio.sleep(0)
        watcher.push.replace()
        assert 0 < await watcher.pauses.get() <= 2


@pytest.fixture
def short_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time after which a stream counts as quiet."""
    monkeypatch.setattr(push_module, "QUIET", 0.01)


@pytest.mark.usefixtures("short_quiet")
async def test_a_quiet_stream_is_asked_for_states_and_continues(
    simulator: Simulator, watcher: Watcher
) -> None:
    """Nights are quiet; the stream must not be replaced all night."""
    async with watcher.following():
        for _ in range(3):
            assert await watcher.states.get() == ()
        event = simulator.world.emit(
            event_ids.MOTION_STARTED, simulator.world.cameras[0]
        )
        assert (await watcher.delivered.get()).id == event.id
        assert simulator.sockets.commands["startSession"] == 1


@pytest.mark.usefixtures("short_quiet")
async def test_a_silent_stream_is_replaced(
    simulator: Simulator, watcher: Watcher
) -> None:
    """Events that are not stored arrive over the stream only."""
    watcher.expected_states = ()
    async with watcher.following():
        simulator.faults.enable("ws_silent")
        simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
        while not await watcher.states.get():
            assert watcher.pauses.empty()
        assert 0 < await watcher.pauses.get() <= 2


@pytest.mark.usefixtures("short_quiet")
async def test_a_server_without_states_may_be_quiet(
    simulator: Simulator, watcher: Watcher
) -> None:
    """The audit finds events that such a stream does not push."""
    simulator.faults.enable("ws_refused:getState")
    commands = simulator.sockets.commands
    async with watcher.following():
        while commands["getState"] < 3:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0)
        assert commands["startSession"] == 1


async def test_a_new_session_begins_at_once_when_it_is_requested(
    simulator: Simulator, watcher: Watcher
) -> None:
    """New event types are pushed within seconds, and no event is lost meanwhile."""
    async with watcher.following():
        event = simulator.world.emit(
            event_ids.MOTION_STARTED, simulator.world.cameras[0]
        )
        await watcher.delivered.get()
        watcher.push.renew()
        states = await watcher.states.get()
        assert states is not None
        assert [state.id for state in states] == [event.id]
        assert simulator.sockets.commands["addSubscription"] == 2
        assert watcher.pauses.empty()


async def test_a_session_that_is_just_beginning_is_renewed_as_well(
    simulator: Simulator, watcher: Watcher
) -> None:
    """Its subscription may already have been sent with the old types."""
    async with watcher.running():
        while not simulator.sockets.commands["addSubscription"]:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0)
        watcher.push.renew()
        for _ in range(2):
            assert await watcher.states.get() == ()
    assert simulator.sockets.commands["addSubscription"] == 2
