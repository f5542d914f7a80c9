"""The event stream: commands one at a time, with events between them."""

import json

import pytest

from custom_components.xprotect_events.api import (
    Event,
    ResumePoint,
    Source,
    StreamClosedError,
    SubscriptionFilter,
    XProtectClient,
)
from custom_components.xprotect_events.api.errors import ResponseError
from tests.api.payloads import payload
from tests.api.stream_script import (
    GATE,
    MOTION,
    PATIENT,
    RESUME,
    SESSION,
    Listen,
    Recipient,
    Script,
)
from xprotect_simulator import Simulator, event_ids


async def test_a_new_session_begins_with_empty_ids(listen: Listen) -> None:
    """It has no events to continue after, and no session to resume."""
    script = Script({"status": 201, "sessionId": SESSION})
    stream = await listen(script)
    assert not await stream.start(None)
    assert script.commands == [
        {"command": "startSession", "commandId": 1, "sessionId": "", "eventId": ""}
    ]
    assert stream.resume_point is None


@pytest.mark.parametrize(
    ("resume", "status", "resumed"),
    [(RESUME, 200, True), (RESUME, 201, False), (None, 201, False), (None, 200, False)],
)
async def test_the_status_shows_whether_the_session_was_resumed(
    listen: Listen, resume: ResumePoint | None, status: int, resumed: bool
) -> None:
    """A new session has no subscriptions and would stay silent."""
    script = Script({"status": status, "sessionId": SESSION})
    stream = await listen(script)
    assert await stream.start(resume) is resumed


async def test_a_session_is_resumed_after_the_last_received_event(
    listen: Listen,
) -> None:
    """The server then sends the missed events; resuming works repeatedly."""
    script = Script({"status": 200, "sessionId": SESSION})
    stream = await listen(script)
    await stream.start(RESUME)
    assert script.commands[0]["sessionId"] == SESSION
    assert script.commands[0]["eventId"] == MOTION
    assert stream.resume_point == RESUME


async def test_missed_events_may_come_before_the_reply_to_a_resume(
    listen: Listen, recipient: Recipient
) -> None:
    """The next stream continues after the last of them."""
    documented = payload("stream_events")
    assert isinstance(documented, dict)
    script = Script(documented, {"status": 200, "sessionId": SESSION})
    stream = await listen(script)
    assert await stream.start(RESUME)
    assert recipient.ids == [MOTION, GATE]
    assert stream.resume_point == ResumePoint(session_id=SESSION, event_id=GATE)


async def test_a_session_without_an_id_is_an_error(listen: Listen) -> None:
    """It could never be resumed."""
    stream = await listen(Script({"status": 201}))
    with pytest.raises(ResponseError, match="sessionId is missing"):
        await stream.start(None)


async def test_a_subscription_names_everything_that_it_includes(listen: Listen) -> None:
    """A subscription without filters is accepted, but nothing arrives."""
    script = Script({"status": 200, "subscriptionId": SESSION})
    stream = await listen(script)
    await stream.subscribe(
        [
            SubscriptionFilter(),
            SubscriptionFilter(source_ids=(GATE,), event_types=(MOTION,)),
        ]
    )
    assert script.commands[0]["filters"] == [
        {
            "modifier": "include",
            "resourceTypes": ["*"],
            "sourceIds": ["*"],
            "eventTypes": ["*"],
        },
        {
            "modifier": "include",
            "resourceTypes": ["*"],
            "sourceIds": [GATE],
            "eventTypes": [MOTION],
        },
    ]


async def test_documented_states_are_read(listen: Listen, recipient: Recipient) -> None:
    """They are the last event of each source and group."""
    documented = payload("stream_states")
    assert isinstance(documented, dict)
    stream = await listen(Script(documented))
    (state,) = await stream.states()
    assert (state.id, state.time_text) == (MOTION, "2023-02-28T18:10:12.4786334Z")
    assert recipient.batches == []


async def test_the_states_of_a_large_site_fit_into_one_message(listen: Listen) -> None:
    """2,659 cameras took 4.25 MB, which is more than aiohttp's default limit."""
    documented = payload("stream_states")
    assert isinstance(documented, dict)
    rows = documented["states"] * 25_000
    script = Script({"status": 200, "states": rows})
    stream = await listen(script)
    assert len(json.dumps(rows)) > 4 * 1024 * 1024
    assert len(await stream.states()) == 25_000


async def test_documented_events_are_handed_over(
    listen: Listen, recipient: Recipient
) -> None:
    """Stateful ones and others, in the order in which they came."""
    documented = payload("stream_events")
    assert isinstance(documented, dict)
    stream = await listen(Script(documented))
    with pytest.raises(StreamClosedError):
        await stream.follow(PATIENT)
    assert recipient.ids == [MOTION, GATE]


async def test_events_between_a_command_and_its_reply_are_not_lost(
    listen: Listen, recipient: Recipient
) -> None:
    """Events are sent at any time."""
    documented = payload("stream_events")
    assert isinstance(documented, dict)
    script = Script(
        documented, {"commandId": 99}, {"status": 201, "sessionId": SESSION}
    )
    stream = await listen(script)
    await stream.start(None)
    assert recipient.ids == [MOTION, GATE]
    assert stream.resume_point == ResumePoint(session_id=SESSION, event_id=GATE)


async def test_an_event_that_was_not_handed_over_is_requested_again(
    listen: Listen,
) -> None:
    """Only events that were handed over count as received."""

    async def fail(_: tuple[Event, ...]) -> None:
        raise ConnectionError

    documented = payload("stream_events")
    assert isinstance(documented, dict)
    script = Script({"status": 200, "sessionId": SESSION}, documented)
    stream = await listen(script, fail)
    await stream.start(ResumePoint(session_id=SESSION, event_id="before"))
    with pytest.raises(ConnectionError):
        await stream.follow(PATIENT)
    assert stream.resume_point == ResumePoint(session_id=SESSION, event_id="before")


@pytest.mark.parametrize(
    ("rows", "arrived", "complaints"),
    [
        ([{"id": "broken"}, None], [], 2),
        ([], [], 0),
        (None, [], 0),
        (
            [None, {"id": GATE, "type": GATE, "time": "2023-02-28T18:10:13Z"}],
            [GATE],
            1,
        ),
    ],
)
async def test_an_event_that_cannot_be_read_does_not_end_the_stream(
    listen: Listen,
    recipient: Recipient,
    scripted: XProtectClient,
    rows: object,
    arrived: list[str],
    complaints: int,
) -> None:
    """Otherwise every new stream would end at the same event."""
    script = Script({"events": rows}, {"events": [], "later": True})
    stream = await listen(script)
    with pytest.raises(StreamClosedError):
        await stream.follow(PATIENT)
    assert recipient.ids == arrived
    counted = sum(one.count for one in scripted.unreadable.take().values())
    assert counted == complaints


async def test_events_of_the_simulator_arrive_at_once(
    sim: Simulator, client: XProtectClient, recipient: Recipient
) -> None:
    """Both sides were written from the documentation, and must work together."""
    stream = await client.streams.connect(recipient.take)
    assert not await stream.start(None)
    await stream.subscribe(
        [SubscriptionFilter(event_types=(event_ids.MOTION_STARTED,))]
    )
    camera = sim.world.cameras[0]
    sim.world.emit(sim.world.named("Gate open").id)
    motion = sim.world.emit(event_ids.MOTION_STARTED, camera)
    (state,) = await stream.states()
    assert recipient.ids == [motion.id]
    assert (state.id, state.type_id, state.source) == (
        motion.id,
        event_ids.MOTION_STARTED,
        Source.parse(camera.path),
    )
    await stream.close()


async def test_a_stream_of_the_simulator_is_resumed_with_all_it_missed(
    sim: Simulator, client: XProtectClient, recipient: Recipient
) -> None:
    """A short break causes neither a loss nor a repeat."""
    gate = sim.world.named("Gate open").id
    stream = await client.streams.connect(recipient.take)
    await stream.start(None)
    await stream.subscribe([SubscriptionFilter()])
    before = sim.world.emit(gate).id
    await stream.states()
    await stream.close()
    missed = [sim.world.emit(gate).id for _ in range(3)]
    again = await client.streams.connect(recipient.take)
    assert await again.start(stream.resume_point)
    after = sim.world.emit(gate).id
    await again.states()
    assert recipient.ids == [before, *missed, after]
    await again.close()
