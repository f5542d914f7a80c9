"""Variants of the answers in other versions, or for other roles."""

import pytest

from xprotect_simulator import Simulator, event_ids

from .client import REST, Client


async def test_event_types_may_lack_their_state(client: Client, sim: Simulator) -> None:
    """It is recorded on a 2023 R2 and missing in the documentation of 2025 R2."""
    path = f"eventTypes/{event_ids.MOTION_STOPPED}"
    assert (await client.get(path)).body["data"]["state"] == "No Motion"
    sim.faults.enable("event_types_without_state")
    assert "state" not in (await client.get(path)).body["data"]
    rows = (await client.get("eventTypes")).body["array"]
    assert not any("state" in row for row in rows)


async def test_recorders_may_lack_their_site(client: Client, sim: Simulator) -> None:
    """It gives the site's id to users who may not read /sites."""
    sim.faults.enable("recorders_without_parent")
    (recorder,) = (await client.get("recordingServers")).body["array"]
    assert set(recorder["relations"]) == {"self"}


async def test_state_groups_may_lack_an_id(client: Client, sim: Simulator) -> None:
    """2025 R2 has it, 2023 R2 does not."""
    row = (await client.get("stateGroups")).body["array"][0]
    assert row["id"] == row["relations"]["self"]["id"]
    sim.faults.enable("state_groups_without_id")
    older = (await client.get("stateGroups")).body["array"][0]
    assert older == {name: value for name, value in row.items() if name != "id"}
    single = await client.get(f"stateGroups/{row['id']}")
    assert single.body == {"data": older}


async def test_a_role_without_rights_may_get_empty_lists(
    client: Client, sim: Simulator
) -> None:
    """Not a refusal, so all items seem to be deleted."""
    sim.faults.enable("empty_lists:cameras,eventTypes")
    for kind in ("cameras", "eventTypes"):
        answer = await client.get(kind)
        assert (answer.status, answer.body) == (200, {"array": []})
    rows = (await client.get("hardware", includeChildren="cameras,outputs")).body
    assert [row["cameras"] for row in rows["array"]] == [[]] * len(rows["array"])
    assert any(row["outputs"] for row in rows["array"])
    unit = rows["array"][0]["id"]
    assert (await client.get(f"hardware/{unit}/cameras")).body == {"array": []}
    sim.faults.enable("empty_lists")
    assert (await client.get("sites")).body == {"array": []}


async def test_built_in_items_have_their_public_ids(client: Client) -> None:
    """Clients that know the ids need no names."""
    types = (await client.get("eventTypes")).body["array"]
    by_id = {row["id"]: row for row in types}
    communication = by_id[event_ids.COMMUNICATION_STARTED]
    assert communication["stateGroupId"] == event_ids.COMMUNICATION_GROUP
    assert communication["builtIn"] is True
    assert communication["generatorType"] == "Device"
    assert communication["generatorID"] == ""
    assert by_id[event_ids.MOTION_STARTED]["builtIn"] is False
    groups = (await client.get("eventTypeGroups")).body["array"]
    ids = {row["relations"]["self"]["id"] for row in groups}
    assert set(event_ids.EVENT_TYPE_GROUPS.values()) <= ids


async def test_a_query_may_request_more_than_the_data(client: Client) -> None:
    """Flags in any letter case, in addition to the data or instead of it."""
    (site,) = (await client.get("sites")).body["array"]
    more = await client.call("GET", f"{REST}/sites/{site['id']}?resources&TASKS")
    assert more.body["data"] == site
    assert more.body["tasks"] == []
    assert {"type": "recordingServers"} in more.body["resources"]
    only = await client.call("GET", f"{REST}/cameras?resources&nodata&definitions")
    assert only.body == {"resources": [{"type": "ptzPresets"}]}


@pytest.mark.parametrize(
    ("kind", "child", "number"),
    [
        ("hardware", "cameras", 6),
        ("recordingServers", "storages", 1),
        ("sites", "recordingServers", 1),
        ("cameraGroups", "cameras", 9),
        ("cameraGroups", "cameraGroups", 1),
        ("outputGroups", "outputs", 1),
        ("cameras", "ptzPresets", 3),
    ],
)
async def test_children_are_included_on_request(
    client: Client, kind: str, child: str, number: int
) -> None:
    """In lists and in single records."""
    rows = (await client.get(kind, includeChildren=child)).body["array"]
    assert sum(len(row[child]) for row in rows) == number
    item_id = rows[0]["relations"]["self"]["id"]
    single = await client.get(f"{kind}/{item_id}", includeChildren=child)
    assert single.body == {"data": rows[0]}
    # The names of such parameters are not case-sensitive.
    again = await client.get(kind, INCLUDECHILDREN=child)
    assert again.body["array"] == rows
