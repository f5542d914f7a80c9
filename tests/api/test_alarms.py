"""Alarms: the requests, and every likely form of the answers."""

from datetime import UTC, datetime, timedelta
import json
from urllib.parse import parse_qsl

import pytest

from custom_components.xprotect_events.api import (
    Alarm,
    Condition,
    Direction,
    Grade,
    Level,
    NotFoundError,
    Operator,
    RejectedError,
    Source,
    XProtectClient,
)
from custom_components.xprotect_events.api.errors import ResponseError
from tests.api.payloads import payload
from tests.api.servers import ScriptedServer
from xprotect_simulator import ManualClock, Simulator

HIGH = "8188ff24-b5da-4c19-9ebf-c1d8fc2caa75"
CAMERA = Source("cameras", "e028f597-c64b-4f27-bb8d-08f5cd768e1c")


async def test_an_alarm_is_read_in_every_form_that_is_likely(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """No public document shows a row: state and source may be objects or ids."""
    server.answer_rest("GET", "alarms", payload("alarms"))
    page = await scripted.alarms.list(page=0, size=10)
    assert server.received[-1].query == "page=0&size=10"
    assert (page.count, page.is_last) == (4, True)
    first, second, third = page.alarms
    assert first == Alarm(
        id="0c3a5b7d-1111-4a2b-8c3d-4e5f60718293",
        local_id=17,
        name="Panic button pressed",
        message="Panic",
        source=CAMERA,
        source_name=None,
        time=datetime(2023, 2, 28, 18, 10, 12, 478633, UTC),
        time_text="2023-02-28T18:10:12.4786334Z",
        state=Grade("5b6f6b0e-0000-4000-8000-000000000004", "Under behandling", 4),
        priority=Grade(HIGH, "Høj", 1),
        category="Personale",
        assigned_to="Ann",
    )
    assert (second.local_id, second.name, second.source) == (18, "", CAMERA)
    assert (second.source_name, second.assigned_to) == ("Front door", "Bob")
    assert (second.state, second.priority) == (
        Grade(None, None, Level.CLOSED),
        Grade(HIGH, None, None),
    )
    assert (third.state, third.priority, third.source) == (None, None, None)
    assert third.source_name == "Somewhere"
    assert scripted.unreadable.take()["alarms"].count == 1
    assert "Panic" not in repr(first)


async def test_order_and_time_are_requested_as_for_events(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """In the filter language of the same event server."""
    server.answer_rest("GET", "alarms", {"array": []})
    since = datetime(2026, 3, 2, 6, tzinfo=UTC)
    await scripted.alarms.list(
        page=1,
        size=2,
        time=[Condition(Operator.GREATER_THAN, since)],
        direction=Direction.ASCENDING,
    )
    assert parse_qsl(server.received[-1].query) == [
        ("time", "gt:'2026-03-02T06:00:00.000000Z'"),
        ("orderBy", "asc:'time'"),
        ("page", "1"),
        ("size", "2"),
    ]


async def test_states_are_read_with_their_levels(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """A state has a display name, and an id that may be a GUID or a number."""
    server.answer_rest("GET", "alarmStates", payload("alarmStates"))
    assert await scripted.alarms.states() == (
        Grade("5b6f6b0e-0000-4000-8000-000000000001", "New", 1),
        Grade("4", "Under behandling", 4),
    )


@pytest.mark.parametrize(
    ("comment", "body"),
    [(None, {"state": "s"}), ("On my way", {"state": "s", "comment": "On my way"})],
)
async def test_a_state_is_set_with_a_comment_or_without(
    server: ScriptedServer,
    scripted: XProtectClient,
    comment: str | None,
    body: dict[str, str],
) -> None:
    """Unchanged fields are not sent; the answer may have any form."""
    server.answer_rest("PATCH", "alarms/x", status=202)
    await scripted.alarms.set_state("x", "s", comment)
    assert json.loads(server.received[-1].body) == body


@pytest.mark.parametrize("body", [{}, {"array": {}}, []])
async def test_an_answer_without_a_list_is_an_error(
    server: ScriptedServer, scripted: XProtectClient, body: object
) -> None:
    """An empty list would mean that there are no alarms."""
    server.answer_rest("GET", "alarms", body)
    with pytest.raises(ResponseError):
        await scripted.alarms.list(page=0, size=10)


async def test_the_client_understands_the_simulator(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """Its answers were written independently from the same sources."""
    camera = sim.world.cameras[0]
    raised = sim.alarms.raise_alarm("Fire", message="Smoke", source=camera.path)
    await clock.advance(60)
    sim.alarms.raise_alarm("Flood")
    found = await client.alarms.list(
        page=0, size=1, time=[], direction=Direction.DESCENDING
    )
    assert ([one.name for one in found.alarms], found.is_last) == (["Flood"], False)
    alarm = await client.alarms.get(raised.id)
    assert (alarm.name, alarm.message, alarm.source) == (
        "Fire",
        "Smoke",
        Source.parse(camera.path),
    )
    states = await client.alarms.states()
    assert [state.level for state in states] == list(Level)
    priorities = await client.alarms.priorities()
    assert alarm.priority == priorities[0]
    closed = states[-1].id
    assert closed is not None
    await client.alarms.set_state(alarm.id, closed, "False alarm")
    after = await client.alarms.get(alarm.id)
    assert after.state == states[-1]
    assert [one.text for one in raised.history][-1] == "False alarm"
    since = [Condition(Operator.GREATER_THAN, alarm.time + timedelta(seconds=1))]
    news = await client.alarms.list(
        page=0, size=9, time=since, direction=Direction.ASCENDING
    )
    assert [one.name for one in news.alarms] == ["Flood"]
    with pytest.raises(NotFoundError):
        await client.alarms.get(camera.id)
    sim.faults.enable("alarms_plain")
    with pytest.raises(RejectedError):
        await client.alarms.list(page=0, size=9, direction=Direction.ASCENDING)
