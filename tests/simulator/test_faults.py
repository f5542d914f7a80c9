"""Each fault does what its line in the table says."""

import asyncio

import aiohttp
import pytest

from xprotect_simulator import (
    ManualClock,
    Simulator,
    event_ids,
)

from .client import Client

WELL_KNOWN = "/api/.well-known/uris"


async def statuses(client: Client) -> dict[str, int]:
    """Return the statuses of the parts of the server."""
    return {
        "idp": (await client.token()).status,
        "gateway": (await client.call("GET", WELL_KNOWN)).status,
        "configuration": (await client.get("sites")).status,
        "events": (await client.get("events")).status,
        "sessions": (await client.get("eventSessions/x")).status,
    }


@pytest.mark.parametrize(
    ("spec", "differing"),
    [
        ("event_server_down", {"events": 503, "sessions": 503}),
        ("event_server_down:502", {"events": 502, "sessions": 502}),
        ("idp_down", {"idp": 503}),
        ("events_api_missing", {"events": 404, "sessions": 404}),
        (
            "gateway_missing",
            {"gateway": 404, "configuration": 404, "events": 404, "sessions": 404},
        ),
        ("unauthorized", {"configuration": 401, "events": 401, "sessions": 401}),
        ("unauthorized_once", {"configuration": 401}),
        ("forbidden:Sites", {"configuration": 403}),
        ("forbidden:sites,events", {"configuration": 403, "events": 403}),
        ("forbidden", {"configuration": 403, "events": 403, "sessions": 403}),
        (
            "too_many_requests",
            {"configuration": 429, "events": 429, "sessions": 429},
        ),
        (
            "server_error:504",
            dict.fromkeys(
                ("idp", "gateway", "configuration", "events", "sessions"), 504
            ),
        ),
        ("server_error:599:path=*/sites", {"configuration": 599}),
        ("html:path=/api/rest/v1/eventsessions*", {"sessions": 200}),
    ],
)
async def test_a_fault_strikes_its_part_of_the_server_and_no_other(
    client: Client, sim: Simulator, spec: str, differing: dict[str, int]
) -> None:
    """Configuration can work while events fail, and the reverse."""
    well = await statuses(client)
    sim.faults.enable(spec)
    assert await statuses(client) == well | differing
    sim.faults.clear()
    assert await statuses(client) == well


async def test_errors_of_the_web_server_are_not_json(
    client: Client, sim: Simulator
) -> None:
    """5xx, IIS's own 404, and a page instead of JSON."""
    for spec in ("server_error", "gateway_missing", "html", "event_server_down"):
        sim.faults.enable(spec)
        answer = await client.get("events")
        assert not answer.is_json
        assert answer.text.startswith("<!DOCTYPE html>")
        sim.faults.disable(spec)


@pytest.mark.parametrize(
    ("name", "status"), [("too_many_requests", 429), ("starting", 503)]
)
async def test_an_answer_names_the_time_to_wait(
    client: Client, sim: Simulator, name: str, status: int
) -> None:
    """In seconds."""
    sim.faults.enable(f"{name}:7:count=1")
    answer = await client.get("events")
    assert (answer.status, answer.headers["Retry-After"]) == (status, "7")
    assert (await client.get("events")).status == 200


async def test_a_redirect_leads_to_https_or_elsewhere(
    client: Client, sim: Simulator
) -> None:
    """IIS does this if HTTPS is required."""
    sim.faults.enable("redirect")
    answer = await client.get("events", size="1")
    assert answer.status == 307
    https = sim.url.replace("http:", "https:")
    assert answer.headers["Location"] == f"{https}/api/rest/v1/events?size=1"
    sim.faults.enable("redirect:https://vms.invalid:8443")
    answer = await client.get("events")
    expected = "https://vms.invalid:8443/api/rest/v1/events"
    assert answer.headers["Location"] == expected


async def test_a_slow_answer_waits_for_the_simulators_clock(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """So no test sleeps."""
    sim.faults.enable("slow:30")
    asking = asyncio.create_task(client.get("events"))
    await clock.until_asleep()
    await clock.advance(29)
    assert not asking.done()
    await clock.advance(1)
    assert (await asking).status == 200


async def test_stopping_does_not_wait_for_slow_answers(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """Ctrl-C ends everything at once."""
    sim.faults.enable("slow:30")
    asking = asyncio.create_task(client.get("events"))
    await clock.until_asleep()
    await sim.stop()
    with pytest.raises(aiohttp.ClientError):
        await asking


@pytest.mark.parametrize(("value", "happened"), [("before", 0), ("after", 1)])
async def test_after_a_reset_it_is_unknown_whether_the_request_was_handled(
    client: Client, sim: Simulator, value: str, happened: int
) -> None:
    """So clients only repeat reads."""
    sim.faults.enable(f"reset:{value}:count=1")
    body = {"type": sim.world.named("Gate open").id}
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.post("events", body)
    assert len(sim.world.ledger.happened) == happened
    assert (await client.post("events", body)).status == 202


async def test_a_truncated_answer_ends_in_the_middle(
    client: Client, sim: Simulator
) -> None:
    """The status has already been sent."""
    sim.faults.enable("truncated")
    with pytest.raises(aiohttp.ClientPayloadError):
        await client.get("sites")


async def test_an_answer_without_a_body_cannot_be_truncated(
    client: Client, sim: Simulator
) -> None:
    """The answer to deleting a session has no body."""
    session = await client.create_session()
    sim.faults.enable("truncated")
    path = f"/api/rest/v1/eventSessions/{session}"
    assert (await client.call("DELETE", path)).status == 204


async def test_garbage_has_the_content_type_json(
    client: Client, sim: Simulator
) -> None:
    """Clients must handle parse errors."""
    sim.faults.enable("garbage")
    async with client.http.get(sim.url + WELL_KNOWN) as response:
        assert response.content_type == "application/json"
        assert b"nonsense" in await response.read()


async def test_a_token_may_expire_early(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """Its answer still promises an hour."""
    sim.faults.enable("token_expires_early:10")
    assert (await client.token()).body["expires_in"] == 3600
    await client.sign_in()
    await clock.advance(10)
    assert (await client.get("sites")).status == 401
    sim.faults.disable("token_expires_early")
    await client.sign_in()
    await clock.advance(10)
    assert (await client.get("sites")).status == 200


async def test_events_may_be_repeated_shuffled_or_come_again(
    client: Client, sim: Simulator
) -> None:
    """Clients drop repeats and sort events."""
    gate = sim.world.named("Gate open").id
    session = await client.create_session()
    made = [sim.world.emit(gate).id for _ in range(4)]
    sim.faults.enable("event_repeated:count=1")
    doubled = await client.read_session(session)
    assert doubled == [event_id for event_id in made for _ in range(2)]
    sim.faults.enable("event_repeated:next")
    new = sim.world.emit(gate).id
    assert await client.read_session(session) == [*made, new]
    sim.faults.clear()
    sim.faults.enable("out_of_order")
    listed = [event["id"] for event in (await client.get("events")).body["array"]]
    assert listed != [*made, new]
    assert sorted(listed) == sorted([*made, new])


async def test_a_session_is_forgotten_once(client: Client, sim: Simulator) -> None:
    """The next one is kept."""
    session = await client.create_session()
    sim.faults.enable("session_forgotten")
    assert (await client.get(f"eventSessions/{session}")).status == 404
    assert sim.faults.enabled == ()
    session = await client.create_session()
    assert await client.read_session(session) == []


async def test_events_may_be_stored_with_a_delay(
    client: Client, sim: Simulator, clock: ManualClock
) -> None:
    """They are stored with a delay, but have their own times."""
    sim.faults.enable("late_stored:60")
    event = sim.world.emit(sim.world.named("Gate open").id)
    assert (await client.get(f"events/{event.id}")).status == 404
    await clock.advance(60)
    assert (await client.get(f"events/{event.id}")).status == 200
    sim.faults.disable("late_stored")
    event = sim.world.emit(sim.world.named("Gate open").id)
    assert (await client.get(f"events/{event.id}")).status == 200


async def test_an_event_may_be_of_a_new_type(client: Client, sim: Simulator) -> None:
    """As from a plug-in that was just installed."""
    sim.faults.enable("unknown_type")
    event = (await client.get("events")).body["array"][0]
    assert (await client.get(f"eventTypes/{event['type']}")).status == 404
    sim.faults.disable("unknown_type")
    assert len(sim.world.ledger.happened) == 1


async def test_a_source_may_disappear_and_come_back(
    client: Client, sim: Simulator
) -> None:
    """Listings and links no longer have it."""
    camera = sim.world.last_camera
    for spec, path in (
        ("source_disappears", camera.path),
        (f"source_disappears:{sim.world.cameras[0].path}", sim.world.cameras[0].path),
    ):
        sim.faults.enable(spec)
        assert (await client.get(path)).status == 404
        assert len(sim.world.cameras) == 5
        assert sim.world.emit(event_ids.MOTION_STARTED, path).source == path
        sim.faults.disable("source_disappears")
        assert (await client.get(path)).status == 200
