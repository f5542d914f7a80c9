"""One stream after the other: what ends it, and what it waits for."""

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


async def test_a_server_that_wants_to_be_left_alone_is_left_alone(
    simulator: Simulator, watcher: Watcher
) -> None:
    """It knows how long it needs."""
    simulator.faults.enable("too_many_requests:600:path=/api/ws/*")
    async with watcher.running():
        assert await watcher.pauses.get() == 600


async def test_a_refused_password_ends_the_push(
    simulator: Simulator, watcher: Watcher
) -> None:
    """Each further attempt brings the account nearer to being locked."""
    simulator.identity.set_password("new")
    with pytest.raises(CredentialsRefusedError):
        await watcher.push.run()
    assert len(simulator.login_attempts) == 1


@pytest.mark.parametrize(
    "fault", ["ws_refused:startSession:count=8", "ws_close_early:count=8"]
)
async def test_a_server_that_accepts_and_then_refuses_is_not_hurried(
    simulator: Simulator, watcher: Watcher, fault: str
) -> None:
    """Each attempt costs a session, its states and a poll."""
    simulator.faults.enable(fault)
    watcher.pauses_end.set()
    async with watcher.following():
        pauses = [watcher.pauses.get_nowait() for _ in range(8)]
        assert pauses[0] <= 2
        assert pauses[-1] > 5


async def test_an_event_is_no_proof_of_a_stream(
    simulator: Simulator, watcher: Watcher
) -> None:
    """A stream that ends with every event is not reopened at once, again and again."""
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


async def test_the_end_of_a_stream_that_has_proved_itself_is_a_new_trouble(
    simulator: Simulator, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gateways are recycled every day; that takes a moment."""
    monkeypatch.setattr(push_module, "PROVED_AFTER", 0)
    simulator.faults.enable("ws_refused:startSession:count=8")
    watcher.pauses_end.set()
    async with watcher.following():
        assert [watcher.pauses.get_nowait() for _ in range(8)][-1] > 5
        simulator.sockets.drop_all()
        assert await watcher.pauses.get() <= 2


UNFORESEEN: tuple[BaseException, ...] = (ValueError("Nobody knows"), CancelledError())


@pytest.mark.parametrize("error", UNFORESEEN, ids=["an error", "a cancellation"])
@pytest.mark.parametrize(
    "method",
    [
        "subscription",
        "types_with_data",
        "push_began",
        "lacks_push",
        "push_ended",
    ],
)
async def test_nothing_but_its_owner_ends_a_push(
    simulator: Simulator,
    watcher: Watcher,
    caplog: pytest.LogCaptureFixture,
    method: str,
    error: BaseException,
) -> None:
    """Push would be gone until a reload, and only a repair would say so."""
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
    """States follow from events, and an event cannot be waited for."""
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
    """The filter keeps the events of a thousand cameras off the connection."""
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


async def test_an_event_whose_data_does_not_come_is_delivered_without(
    simulator: Simulator, watcher: Watcher
) -> None:
    """That a plate was read is worth knowing without the plate, too."""
    world = simulator.world
    simulator.faults.enable("server_error:500:path=/api/rest/v1/events/*")
    simulator.faults.enable("ws_bare")
    async with watcher.following():
        event = world.emit(
            world.analytics_events[0].id, world.cameras[0], data={"Plate": "AB 123"}
        )
        delivered = await watcher.delivered.get()
        assert (delivered.id, delivered.data) == (event.id, None)


async def test_an_event_that_waits_for_its_data_holds_up_no_other(
    simulator: Simulator, watcher: Watcher
) -> None:
    """A person at the door is not to wait for a licence plate."""
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
    """Wait a moment for data that do not come."""
    monkeypatch.setattr(push_module, "DATA_PATIENCE", 0.1)


@pytest.mark.usefixtures("short_patience")
async def test_a_burst_that_lacks_its_data_is_not_a_burst_of_requests(
    simulator: Simulator, watcher: Watcher, clock: ManualClock
) -> None:
    """A parking lot of a thousand cars, or a server that wants to be one."""
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
    """If it counted as delivered, it would be lost over the restart."""
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
    """The audit may find what was missed when the next stream is on its way."""
    watcher.push.replace()
    async with watcher.following():
        event = simulator.world.emit(
            event_ids.MOTION_STARTED, simulator.world.cameras[0]
        )
        assert (await watcher.delivered.get()).id == event.id
        # A poll of several portions finds more than one reason.
        watcher.push.replace()
        await asyncio.sleep(0)
        watcher.push.replace()
        assert 0 < await watcher.pauses.get() <= 2


@pytest.fixture
def short_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a moment without events for a quiet time."""
    monkeypatch.setattr(push_module, "QUIET", 0.01)


@pytest.mark.usefixtures("short_quiet")
async def test_a_quiet_stream_is_asked_for_states_and_goes_on(
    simulator: Simulator, watcher: Watcher
) -> None:
    """Nights are quiet; a stream that is replaced all night would be a nuisance."""
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
    """The audit finds what such a stream does not bring."""
    simulator.faults.enable("ws_refused:getState")
    commands = simulator.sockets.commands
    async with watcher.following():
        while commands["getState"] < 3:  # noqa: ASYNC110 - nobody tells - the server tells nobody
            await asyncio.sleep(0)
        assert commands["startSession"] == 1


async def test_a_new_session_begins_at_once_when_it_is_wanted(
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


async def test_a_session_that_begins_just_now_is_renewed_all_the_same(
    simulator: Simulator, watcher: Watcher
) -> None:
    """Its subscription is on the way and may be the old one."""
    async with watcher.running():
        while not simulator.sockets.commands["addSubscription"]:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        watcher.push.renew()
        for _ in range(2):
            assert await watcher.states.get() == ()
    assert simulator.sockets.commands["addSubscription"] == 2
