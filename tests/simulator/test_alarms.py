"""The simulator's alarms: raising, reading, changing and deleting them."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from importlib.util import find_spec
import os
from pathlib import Path
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.simulator.client import REST, Answer, Client
from xprotect_simulator import ManualClock, Options, Simulator, event_ids
from xprotect_simulator.alarms import board

NEW, IN_PROGRESS, CLOSED = 1, 4, 11
# The folder of a clone of the vendor's samples.
SAMPLES = os.environ.get("XPROTECT_SAMPLES", "")


async def handle(client: Client, alarm_id: str, body: Mapping[str, object]) -> Answer:
    """Change an alarm like a client."""
    return await client.call("PATCH", f"{REST}/alarms/{alarm_id}", dict(body))


async def ids(client: Client, **query: str) -> list[str]:
    """Return the names of the alarms that a list shows."""
    answer = await client.get("alarms", **query)
    assert answer.status == 200, answer.text
    return [row["name"] for row in answer.body["array"]]


async def test_an_event_that_matches_a_definition_raises_an_alarm(
    client: Client, sim: Simulator
) -> None:
    """A definition names user-defined events by its sources, others by type."""
    sim.world.emit(sim.world.named("Panic").id)
    sim.world.emit(sim.world.named("Gate open").id)
    (row,) = (await client.get("alarms")).body["array"]
    assert row["name"] == "Panic button pressed"
    assert row["source"] == sim.world.named("Panic").path
    assert row["state"]["level"] == NEW
    assert row["priority"]["name"] == "High"
    assert row["time"] == row["lastUpdatedTime"]


async def test_an_alarm_may_close_by_itself(client: Client, sim: Simulator) -> None:
    """It leaves the list of open alarms without a request."""
    unit, other = sim.world.items("hardware")[:2]
    sim.world.emit(event_ids.HARDWARE_COMMUNICATION_ERROR, unit)
    sim.world.emit(event_ids.HARDWARE_COMMUNICATION_ERROR, other)
    sim.world.emit(event_ids.HARDWARE_COMMUNICATION_STARTED, unit)
    levels = {row["source"]: row["state"]["level"] for row in await rows(client)}
    assert levels == {unit.path: CLOSED, other.path: NEW}


async def rows(client: Client, **query: str) -> list[dict[str, Any]]:
    """Return the rows of a list."""
    array: list[dict[str, Any]] = (await client.get("alarms", **query)).body["array"]
    return array


async def test_an_alarm_is_handled_and_its_history_shows_it(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """State, priority, comment, owner and reason; `null` changes nothing."""
    alarm = sim.alarms.raise_alarm("Fire", source=sim.world.cameras[0].path)
    await clock.advance(5)
    states = {
        row["level"]: row["id"]
        for row in (await client.get("alarmStates")).body["array"]
    }
    assert sorted(states) == [NEW, IN_PROGRESS, 9, CLOSED]
    low = (await client.get("alarmPriorities")).body["array"][-1]
    answer = await handle(
        client,
        alarm.id,
        {
            "state": states[IN_PROGRESS],
            "priority": low["id"],
            "comment": "On my way",
            "assignedTo.displayName": "ann",
            "reasonForClosing": "False alarm",
        },
    )
    assert answer.status == 202
    row = answer.body["data"]
    assert (row["state"]["name"], row["priority"]) == ("In progress", low)
    assert row["assignedTo"] == {"displayName": "ann"}
    assert row["lastUpdatedTime"] > row["time"]
    history = (await client.get(f"alarms/{alarm.id}/history")).body["array"]
    assert [change["text"] for change in history] == [
        "State: New to In progress",
        "Priority: High to Low",
        "Assigned to ann",
        "Reason: False alarm",
        "On my way",
    ]
    statistics = (await client.get("alarmStatistics")).body["array"]
    assert {row["number"]: row["value"] for row in statistics} == {
        NEW: 0,
        IN_PROGRESS: 1,
        9: 0,
        CLOSED: 0,
    }
    assert (await client.get("closeReasons")).body == {"array": []}


async def test_invalid_requests_for_alarms_are_refused(
    client: Client, sim: Simulator
) -> None:
    """With a text that names the mistake."""
    alarm = sim.alarms.raise_alarm("Fire")
    camera = sim.world.cameras[0]
    assert (await handle(client, alarm.id, {"state": "x"})).status == 400
    assert (await handle(client, alarm.id, {"state": 4})).status == 400
    refused = await handle(client, alarm.id, {"colour": "red"})
    assert refused.error_text == "Unknown property 'colour'"
    assert (await client.call("PATCH", f"{REST}/alarms/{alarm.id}", [])).status == 400
    assert (await client.get(f"alarms/{camera.id}")).status == 404
    assert (await client.get("alarms/x")).status == 400
    assert (await client.get("alarms/x/y/z")).status == 404
    assert (await client.call("DELETE", f"{REST}/alarms")).status == 405
    bodies: list[object] = [[], {}, {"name": "x", "source": camera.id[:-1] + "x"}]
    for body in bodies:
        assert (await client.post("alarms", body)).status == 400
    for query in (
        {"colour": "red"},
        {"orderBy": "name"},
        {"time": "equals:'2026-03-02T06:00:00Z'"},
        {"time": "gt:'today'"},
        {"state.level": "lt:"},
    ):
        answer = await client.call("GET", f"{REST}/alarms", query=query)
        assert answer.status == 400, query


async def test_a_list_is_filtered_ordered_and_paged(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """In the filter language of events."""
    begin = sim.clock.now()
    for number in range(4):
        await clock.advance(60)
        sim.alarms.raise_alarm(f"Alarm {number}")
    first = sim.alarms.find((await rows(client))[0]["id"])
    assert first is not None
    sim.alarms.update(first, "ann", state=sim.alarms.state(CLOSED))
    assert await ids(client) == ["Alarm 0", "Alarm 1", "Alarm 2", "Alarm 3"]
    assert await ids(client, state_level=f"notEquals:{CLOSED}") == [
        "Alarm 1",
        "Alarm 2",
        "Alarm 3",
    ]
    since = (begin + timedelta(seconds=150)).isoformat().replace("+00:00", "Z")
    assert await ids(client, time=f"gt:'{since}'") == ["Alarm 2", "Alarm 3"]
    assert await ids(client, time=f"lt:'{since}'") == ["Alarm 0", "Alarm 1"]
    assert await ids(client, orderBy="desc:'time'", size="2") == ["Alarm 3", "Alarm 2"]
    assert await ids(client, orderBy="'lastUpdatedTime'") == [
        "Alarm 1",
        "Alarm 2",
        "Alarm 0",
        "Alarm 3",
    ]
    page = (await client.get("alarms", page="1", size="1")).body
    assert page["_links"].keys() == {"prev", "next"}
    assert page["array"][0]["name"] == "Alarm 1"


async def test_alarms_are_deleted_after_their_retention(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """Closed ones after a day, all others after thirty."""
    closed = sim.alarms.raise_alarm("Closed")
    sim.alarms.raise_alarm("Open")
    sim.alarms.update(closed, "ann", state=sim.alarms.state(CLOSED))
    sim.identity.real_token_life = timedelta(days=100)
    await client.sign_in()
    await clock.advance(86_400)
    assert await ids(client) == ["Open"]
    await clock.advance(30 * 86_400)
    assert await ids(client) == []
    assert len(sim.alarms) == 0


async def test_a_site_that_runs_for_weeks_keeps_the_newest(
    client: Client, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The memory of a demo is limited."""
    monkeypatch.setattr(board, "_MOST", 2)
    for number in range(4):
        sim.alarms.raise_alarm(f"Alarm {number}")
    assert await ids(client) == ["Alarm 2", "Alarm 3"]


async def test_roles_limit_who_sees_and_handles_alarms(
    client: Client, sim: Simulator
) -> None:
    """A role sees alarms of its sources, and changes them with the right to."""
    hidden, shown = sim.world.cameras[:2]
    sim.alarms.raise_alarm("Hidden", source=hidden.path)
    alarm = sim.alarms.raise_alarm("Shown", source=shown.path)
    sim.identity.user().is_administrator = False
    sim.identity.limit_sources((shown.path,))
    assert await ids(client) == ["Shown"]
    state = {"state": sim.alarms.state(CLOSED).id}
    sim.identity.deny("alarms", "MANAGE")
    assert (await handle(client, alarm.id, state)).status == 403
    assert (await client.post("alarms", {"name": "x"})).status == 403
    sim.identity.grant("alarms", "MANAGE")
    assert (await handle(client, alarm.id, state)).status == 202
    sim.identity.forbid("alarms")
    assert (await client.get("alarms")).status == 403


async def test_faults_of_alarms(client: Client, sim: Simulator) -> None:
    """Older servers, variants of undocumented behaviour, and lost rights."""
    camera = sim.world.cameras[0]
    alarms = [
        sim.alarms.raise_alarm(f"Alarm {number}", source=camera.path)
        for number in range(3)
    ]
    sim.faults.enable("alarms_bare")
    row = (await rows(client))[0]
    assert (row["state"], row["source"]) == (alarms[0].state.id, camera.id)
    sim.faults.clear()
    sim.faults.enable("alarms_plain")
    assert (await client.get("alarms", orderBy="desc:'time'")).status == 400
    assert len(await rows(client, page="0", size="2")) == 2
    sim.faults.clear()
    for fault, shown in (
        ("size_clamped:2", 2),
        ("pages_ignore:page", 3),
        ("empty_lists:alarms", 0),
        ("out_of_order", 3),
    ):
        sim.faults.enable(fault)
        page = "1" if "page" in fault else "0"
        assert len(await rows(client, page=page)) == shown
        sim.faults.clear()
    sim.faults.enable("pages_newest_first")
    assert len(await rows(client)) == len(alarms)
    sim.faults.clear()
    sim.faults.enable("alarms_missing")
    for resource in ("alarms", "alarmStates", "closeReasons"):
        assert (await client.get(resource)).status == 404


async def test_an_alarm_is_raised_and_listed_without_signing_in(
    stranger: Client, sim: Simulator
) -> None:
    """For users who test an automation."""
    path = "/simulator/alarms"
    body = {"name": "Fire", "message": "Smoke", "source": "Garage"}
    made = await stranger.call("POST", path, body)
    assert made.status == 201
    shown = (await stranger.call("GET", path)).body["alarms"]
    assert shown == [made.body["data"]]
    assert shown[0]["source"] == sim.world.named("Garage").path
    body["source"] = shown[0]["source"]
    assert (await stranger.call("POST", path, body)).status == 201
    assert (await stranger.call("POST", path, {})).status == 400
    assert (
        await stranger.call("POST", path, {"name": "x", "source": "?"})
    ).status == 400


async def test_the_house_has_an_alarm_now_and_then(clock: ManualClock) -> None:
    """A user of the demo sees one within two minutes."""
    async with Simulator(Options(scenario="home"), clock=clock) as simulator:
        for _ in range(120):
            await clock.advance(1)
        names = {alarm.name for alarm in simulator.alarms}
    assert "Panic button pressed" in names


@pytest.mark.skipif(
    not SAMPLES or not find_spec("requests_ntlm"),
    reason="XPROTECT_SAMPLES names no folder, or requests-ntlm is missing",
)
async def test_the_vendors_sample_runs_unmodified(sim: Simulator) -> None:
    """Only address, user and password are filled in, as its comments say."""
    folder = Path(SAMPLES) / "AlarmsRestApiPython"
    source = (folder / "alarms_rest_api.py").read_text(encoding="utf-8")
    for name, value in (
        ("username", "demo"),
        ("password", "demo"),
        ("https://managementserver.domain", sim.url),
    ):
        source, count = re.subn(f'"{re.escape(name)}"', f'"{value}"', source, count=1)
        assert count == 1
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", source],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "Triggered an alarm: " in done.stdout
    assert "Retrieved alarm with id=" in done.stdout
    assert "Updated alarm with id=" in done.stdout
    assert "Retrieved all alarms: [{" in done.stdout
    (alarm,) = sim.alarms
    assert (alarm.name, alarm.priority.name) == ("my first alarm name", "Low")
