"""The Configuration API: what clients change, and the tasks they run."""

import pytest

from xprotect_simulator import Simulator

from .client import REST, Client

SYSTEM_EVENT = "85867627-b287-4439-9e55-a63701e1715b"


async def test_a_user_defined_event_is_created_renamed_and_deleted(
    client: Client, sim: Simulator
) -> None:
    """The vendor's sample does this; every step has its own envelope."""
    made = await client.post("userDefinedEvents", {"name": "Mine"})
    assert made.status == 201
    event_id = made.body["result"]["id"]
    path = f"{REST}/userDefinedEvents/{event_id}"
    for method in ("PUT", "PATCH"):
        renamed = await client.call(method, path, {"name": f"Mine {method}"})
        assert renamed.status == 200
        assert renamed.body["data"]["displayName"] == f"Mine {method}"
    assert sim.world.event_types[event_id].display_name == "Mine PATCH"
    deleted = await client.call("DELETE", path)
    assert (deleted.status, deleted.body) == (200, {"state": "Success"})
    assert (await client.call("DELETE", path)).status == 404
    assert event_id not in sim.world.event_types


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "userDefinedEvents", {}, 400),
        ("POST", "userDefinedEvents", {"name": " "}, 400),
        ("POST", "userDefinedEvents", "text", 400),
        ("POST", "cameras", {"name": "x"}, 400),
        ("PUT", "userDefinedEvents", {"name": "x"}, 400),
        ("DELETE", f"userDefinedEvents/{SYSTEM_EVENT}", 0, 400),
    ],
)
async def test_invalid_changes_are_refused(
    client: Client, method: str, path: str, body: object, status: int
) -> None:
    """Only user-defined events can be changed, and not those of the system."""
    answer = await client.call(method, f"{REST}/{path}", body)
    assert answer.status == status


async def test_a_change_without_json_is_refused(client: Client) -> None:
    """An invalid body is a 400."""
    answer = await client.call("POST", f"{REST}/userDefinedEvents", form={"a": "b"})
    assert (answer.status, answer.error_text) == (400, "The body is not JSON")


async def test_only_administrators_change_the_configuration(client: Client) -> None:
    """Others get a 403."""
    client.sim.identity.add_user("guest", "guest", is_administrator=False)
    await client.sign_in("guest", "guest")
    answer = await client.post("userDefinedEvents", {"name": "Mine"})
    assert answer.status == 403


async def test_tasks_run_and_are_cleaned_up(client: Client) -> None:
    """The vendor's sample reads presets this way."""
    presets = f"cameras/{client.sim.world.cameras[0].id}/ptzPresets"
    listed = await client.call("GET", f"{REST}/{presets}?tasks&noData")
    assert listed.body["tasks"][0]["id"] == "GetDevicePresets"
    other = await client.call("GET", f"{REST}/cameras?tasks&noData")
    assert other.body == {"tasks": []}
    both = await client.call("GET", f"{REST}/{presets}?tasks")
    assert both.body["tasks"] == listed.body["tasks"]
    assert both.body["array"] == []
    assert (await client.get("tasks")).body == {"array": []}
    body = {"sessionDataId": 0}
    started = await client.post(f"{presets}?task=GetDevicePresets", body)
    task_id = started.body["result"]["path"]["id"]
    assert task_id == "1"
    states = [
        (await client.get(f"tasks/{task_id}")).body["data"]["state"] for _ in range(2)
    ]
    assert states == ["Idle", "Success"]
    assert (await client.get("tasks")).body["array"][0]["progress"] == 100
    cleaned = await client.post(f"tasks/{task_id}?task=TaskCleanup", {})
    assert cleaned.body["result"]["state"] == "Success"
    assert (await client.get(f"tasks/{task_id}")).status == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "cameras/{camera}/ptzpresets?task=Other", 400),
        ("POST", "cameras/{none}/ptzpresets?task=GetDevicePresets", 404),
        ("POST", "tasks/{none}?task=TaskCleanup", 404),
        ("DELETE", "tasks/{none}", 404),
    ],
)
async def test_invalid_tasks_are_refused(
    client: Client, method: str, path: str, status: int
) -> None:
    """An unknown task, camera or method."""
    names = {
        "none": "00000000-0000-0000-0000-000000000001",
        "camera": client.sim.world.cameras[0].id,
    }
    answer = await client.call(method, f"{REST}/{path.format(**names)}", {})
    assert answer.status == status
