"""Triggering events: rights, checks and refusals."""

import pytest

from xprotect_simulator import Simulator, event_ids

from .client import REST, Client

NOWHERE = "00000000-0000-0000-0000-000000000001"


async def test_a_user_defined_event_is_its_own_source(
    client: Client, sim: Simulator
) -> None:
    """The vendor's sample sends only the type."""
    gate = sim.world.named("Gate open")
    answer = await client.post("events", {"type": gate.id.upper()})
    assert answer.status == 202
    event = answer.body["data"]
    assert event["source"] == f"userDefinedEvents/{gate.id}"
    assert event["type"] == gate.id
    assert event["datatype"] == "none"
    assert event["tag"] is None
    assert (await client.get(f"events/{event['id']}")).body["data"] == event


async def test_the_fields_of_a_request_are_returned_unchanged(
    client: Client, sim: Simulator
) -> None:
    """Time, tag and data are those of the request."""
    doorbell = sim.world.named("Doorbell pressed")
    camera = sim.world.cameras[0]
    body = {
        "type": doorbell.id,
        "source": f"CAMERAS/{camera.id.upper()}",
        "time": "2026-03-02T07:00:00.1234567+01:00",
        "datatype": "Analytics",
        "tag": "front",
        "data": {"description": "ring"},
    }
    event = (await client.post("events?triggerRules=true", body)).body["data"]
    assert event["source"] == camera.path
    assert event["time"] == "2026-03-02T06:00:00.1234567Z"
    assert event["tag"] == "front"
    stored = await client.get(f"events/{event['id']}", include="data")
    assert stored.body["data"]["data"] == {"description": "ring"}


async def test_a_source_may_be_a_bare_id_or_of_an_unlisted_kind(
    client: Client, sim: Simulator
) -> None:
    """Both occur in real events."""
    gate = sim.world.named("Gate open").id
    unit = sim.world.items("hardware")[0]
    for source, path in (
        (unit.id, unit.path),
        (f"mipkinds/{NOWHERE}", f"mipKinds/{NOWHERE}"),
    ):
        answer = await client.post("events", {"type": gate, "source": source})
        assert answer.body["data"]["source"] == path


async def test_only_a_service_may_trigger_what_recorders_report(
    client: Client, sim: Simulator
) -> None:
    """Users may trigger External and MIPDevice types, never Generic ones."""
    generic = next(
        one.id
        for one in sim.world.event_types.values()
        if one.generator_subtype == "Generic"
    )
    camera = sim.world.cameras[0].path
    for type_id in (event_ids.MOTION_STARTED, generic):
        body = {"type": type_id, "source": camera}
        answer = await client.post("events", body)
        assert answer.status == 403
    assert sim.world.ledger.happened == []
    await client.sign_in_as_service()
    body = {"type": event_ids.MOTION_STARTED, "source": camera}
    assert (await client.post("events", body)).status == 202


async def test_a_user_triggers_only_for_visible_sources(
    client: Client, sim: Simulator
) -> None:
    """The refusal reveals nothing about the source."""
    sim.identity.limit_sources([])
    body = {"type": sim.world.named("Gate open").id}
    answer = await client.post("events", body | {"source": sim.world.cameras[0].path})
    assert answer.status == 403
    # An event that is its own source needs no right on a device.
    event_id = (await client.post("events", body)).body["data"]["id"]
    assert (await client.get(f"events/{event_id}")).status == 200


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ([], "The event must be a JSON object"),
        ({}, "Property 'type' must be the GUID of an event type"),
        ({"type": "x"}, "Property 'type' must be the GUID of an event type"),
        ({"type": NOWHERE}, f"Unknown event type. {NOWHERE}"),
        ({"type": "analytics"}, "Property 'source' is required for this event type"),
        ({"type": "user", "source": 5}, "Property 'source' must be a string"),
        ({"type": "user", "source": "cameras/x"}, "Invalid source. cameras/x"),
        ({"type": "user", "source": NOWHERE}, f"Source not found. {NOWHERE}"),
        (
            {"type": "user", "source": f"cameras/{NOWHERE}"},
            f"Source not found. cameras/{NOWHERE}",
        ),
        (
            {"type": "user", "source": f"things/{NOWHERE}"},
            "Invalid source. Unknown resource: things",
        ),
        ({"type": "user", "tag": 5}, "Property 'tag' must be a string"),
        ({"type": "user", "time": 5}, "Property 'time' must be a date-time"),
        (
            {"type": "user", "time": "now"},
            "Invalid time. 'now' is not an ISO 8601 date-time with a zone",
        ),
        (
            {"type": "user", "time": "2026-02-30T00:00:00Z"},
            "Invalid time. day 30 must be in range 1..28 for month 2 in year 2026",
        ),
        (
            {"type": "user", "datatype": "other"},
            "Property 'datatype' must be one of none, analytics",
        ),
        (
            {"type": "user", "datatype": "analytics"},
            "This event type does not support analytics data",
        ),
        (
            {"type": "user", "data": {"a": 1}},
            "Property 'data' needs the datatype analytics",
        ),
        ({"type": "user", "data": 5}, "Property 'data' must be an object"),
    ],
)
async def test_malformed_events_are_refused_with_a_text(
    client: Client, sim: Simulator, body: dict[str, object], text: str
) -> None:
    """The caller gets the text, and no event is created."""
    names = {
        "user": sim.world.named("Gate open").id,
        "analytics": sim.world.named("Doorbell pressed").id,
    }
    if "type" in body:
        body = body | {"type": names.get(str(body["type"]), body["type"])}
    answer = await client.post("events", body)
    assert (answer.status, answer.error_text) == (400, text)
    assert sim.world.ledger.happened == []


async def test_a_trigger_without_json_is_refused(client: Client) -> None:
    """With the error envelope."""
    answer = await client.call("POST", f"{REST}/events", form={"type": "x"})
    assert (answer.status, answer.error_text) == (400, "The body is not JSON")


async def test_many_events_are_answered_one_by_one(
    client: Client, sim: Simulator
) -> None:
    """The answer is a 207; each event has its own status."""
    gate = sim.world.named("Gate open").id
    motion = {"type": event_ids.MOTION_STARTED, "source": sim.world.cameras[0].path}
    answer = await client.post("events/bulk", [{"type": gate}, {}, motion])
    assert answer.status == 207
    good, malformed, forbidden = answer.body["array"]
    assert good["status"] == 202
    assert good["data"]["type"] == gate
    assert malformed["status"] == 400
    assert malformed["error"]["details"][0]["errorText"].startswith("Property 'type'")
    assert forbidden["status"] == 403
    assert len(sim.world.ledger.happened) == 1
    assert (await client.post("events/bulk", {"type": gate})).status == 400


@pytest.mark.parametrize("rules", ["true", "False", "no"])
async def test_rules_are_triggered_unless_the_old_parameter_says_no(
    client: Client, sim: Simulator, rules: str
) -> None:
    """The default rule of every installation records on request."""
    body = {
        "type": event_ids.REQUEST_START_RECORDING,
        "source": sim.world.cameras[0].path,
    }
    for path, rows in (("events", body), ("events/bulk", [body])):
        answer = await client.post(f"{path}?triggerRules={rules}", rows)
        assert answer.status == 400 if rules == "no" else answer.status in (202, 207)
    types = [event.type for event in sim.world.ledger.happened]
    assert types.count(event_ids.RECORDING_STARTED) == (2 if rules == "true" else 0)
    assert len(types) == {"true": 4, "False": 2, "no": 0}[rules]
