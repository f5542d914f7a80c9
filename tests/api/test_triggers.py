"""Triggering events: the requests and their answers."""

from datetime import UTC, datetime, timedelta
import json
import uuid

import pytest

from custom_components.xprotect_events.api import (
    NewEvent,
    PermissionDeniedError,
    RejectedError,
    Source,
    XProtectClient,
)
from custom_components.xprotect_events.api.errors import ResponseError
from tests.api.documented_events import DOCUMENTED, GATE_OPEN
from tests.api.payloads import payload
from tests.api.servers import ScriptedServer
from xprotect_simulator import ManualClock, Simulator, event_ids

SECOND = timedelta(seconds=1)


async def test_a_triggered_event_is_returned_as_the_server_created_it(
    sim: Simulator, client: XProtectClient
) -> None:
    """Its id later identifies it as our own."""
    plate = sim.world.named("Licence plate read")
    camera = sim.world.cameras[1]
    new = NewEvent(
        type_id=plate.id,
        source=Source.parse(camera.path),
        time=datetime(2026, 3, 1, tzinfo=UTC),
        tag="Ours & theirs",
        data={"plate": "ÄB 1"},
    )
    taken = await client.events.trigger(new)
    (happened,) = sim.world.ledger.happened
    assert (happened.id, happened.type, happened.source) == (
        taken.id,
        plate.id,
        camera.path,
    )
    assert (happened.time, happened.tag, happened.data) == (
        new.time,
        new.tag,
        new.data,
    )


async def test_an_event_may_be_triggered_by_its_type_alone(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """A user-defined event is its own source, and the server sets the time."""
    gate = sim.world.named("Gate open")
    taken = await client.events.trigger(NewEvent(type_id=gate.id))
    assert taken.source == Source("userDefinedEvents", gate.id)
    assert timedelta() <= taken.time - clock.now() < SECOND


async def test_the_documented_answer_to_a_trigger_is_read(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """It comes with the status 202."""
    server.answer_rest("POST", "events", payload("event_triggered"), status=202)
    taken = await scripted.events.trigger(NewEvent(type_id=GATE_OPEN))
    assert taken.id == "ad4e2f60-5172-4d8e-9f90-2b3c4d5e6f0f"
    assert json.loads(server.received[-1].body) == {
        "type": GATE_OPEN,
        "datatype": "none",
    }


async def test_a_forbidden_trigger_raises_a_missing_right_with_the_servers_text(
    sim: Simulator, client: XProtectClient
) -> None:
    """Users may not trigger events of the system itself."""
    camera = Source.parse(sim.world.cameras[0].path)
    new = NewEvent(type_id=event_ids.MOTION_STARTED, source=camera)
    with pytest.raises(PermissionDeniedError, match="sufficient permissions"):
        await client.events.trigger(new)
    assert not sim.world.ledger.happened


async def test_an_unknown_type_is_refused_with_the_servers_text(
    sim: Simulator, client: XProtectClient
) -> None:
    """The action shows the text."""
    unknown = str(uuid.UUID(int=1))
    with pytest.raises(RejectedError, match=f"Unknown event type. {unknown}"):
        await client.events.trigger(NewEvent(type_id=unknown))
    assert not sim.world.ledger.happened


async def test_of_several_events_each_has_its_own_result(
    sim: Simulator, client: XProtectClient
) -> None:
    """A refused event must not hide that others were triggered."""
    plate = sim.world.named("Licence plate read")
    first, second = (Source.parse(one.path) for one in sim.world.cameras[:2])
    sources = [first, Source("cameras", "nonsense"), second]
    results = await client.events.trigger_many(
        [NewEvent(type_id=plate.id, source=source) for source in sources]
    )
    assert [result.succeeded for result in results] == [True, False, True]
    assert [result.status for result in results] == [202, 400, 202]
    assert [result.event.source if result.event else None for result in results] == [
        sources[0],
        None,
        sources[2],
    ]
    assert results[1].error_text == "Invalid source. cameras/nonsense"
    assert len(sim.world.ledger.happened) == 2


async def test_the_documented_answer_to_several_triggers_is_read(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """It comes with the status 207."""
    server.answer_rest("POST", "events/bulk", payload("events_bulk"), status=207)
    new = NewEvent(type_id=GATE_OPEN)
    taken, refused = await scripted.events.trigger_many([new, new])
    assert (taken.status, taken.event, taken.error_text) == (
        202,
        DOCUMENTED._replace(tag=None),
        None,
    )
    assert (refused.status, refused.event, refused.error_text) == (
        400,
        None,
        "Invalid source.",
    )


@pytest.mark.parametrize(
    ("row", "status", "succeeded", "text"),
    [
        ({"data": None, "status": 403}, 403, False, None),
        ({"status": "400", "error": {"errorText": "No."}}, 400, False, "No."),
        ({"status": 400, "details": [{"errorText": "No."}]}, 400, False, "No."),
        ({"data": {"id": "x"}, "status": 400}, 400, False, None),
        ({}, 0, False, None),
    ],
)
async def test_a_refusal_among_several_may_take_many_forms(
    server: ScriptedServer,
    scripted: XProtectClient,
    row: dict[str, object],
    status: int,
    succeeded: bool,
    text: str | None,
) -> None:
    """The documentation shows none of them."""
    server.answer_rest("POST", "events/bulk", {"array": [row]}, status=207)
    (result,) = await scripted.events.trigger_many([NewEvent(type_id=GATE_OPEN)])
    assert (result.status, result.succeeded, result.error_text) == (
        status,
        succeeded,
        text,
    )


@pytest.mark.parametrize(
    "status", [202, "202", None, "202, 400"], ids=lambda status: f"status {status}"
)
async def test_an_event_in_the_answer_was_triggered(
    server: ScriptedServer, scripted: XProtectClient, status: object
) -> None:
    """With any notation of the status: the documentation itself has `202, 400`."""
    event = {"id": GATE_OPEN, "type": GATE_OPEN, "time": "2023-02-28T18:10:12Z"}
    rows = [{"data": event, "status": status}]
    server.answer_rest("POST", "events/bulk", {"array": rows}, status=207)
    (result,) = await scripted.events.trigger_many([NewEvent(type_id=GATE_OPEN)])
    assert result.succeeded


async def test_a_wrong_number_of_results_is_an_error(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """Otherwise it is unclear which of them were triggered."""
    server.answer_rest("POST", "events/bulk", payload("events_bulk"), status=207)
    with pytest.raises(ResponseError, match="another number of results"):
        await scripted.events.trigger_many([NewEvent(type_id=GATE_OPEN)])


async def test_an_empty_list_of_events_can_be_triggered(
    sim: Simulator, client: XProtectClient
) -> None:
    """The server gets an empty array and answers with an empty one."""
    assert await client.events.trigger_many([]) == ()
    assert not sim.world.ledger.happened
