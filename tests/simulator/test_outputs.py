"""Outputs switched and cameras turned, by tasks."""

import pytest

from xprotect_simulator import Simulator, event_ids

from .client import REST, Client

ON, OFF = event_ids.OUTPUT_ACTIVATED, event_ids.OUTPUT_DEACTIVATED


@pytest.mark.parametrize(
    ("task", "happened"),
    [("Activate", [ON]), ("deactivate", [OFF]), ("Trigger", [ON, OFF])],
)
async def test_an_output_is_switched_and_its_events_happen(
    client: Client, sim: Simulator, task: str, happened: list[str]
) -> None:
    """They are also pushed to other clients."""
    output = sim.world.items("outputs")[0]
    answer = await client.post(f"outputs/{output.id}?task={task}", {})
    assert (answer.status, answer.body) == (200, {"result": {"state": "Success"}})
    events = [event for event in sim.world.ledger.happened if event.type in (ON, OFF)]
    assert [event.type for event in events] == happened
    assert {event.source for event in events} == {output.path}


async def test_what_an_output_can_do_is_listed(client: Client, sim: Simulator) -> None:
    """Some can only be triggered."""
    output = sim.world.items("outputs")[0]
    path = f"{REST}/outputs/{output.id}"
    listed = await client.call("GET", f"{path}?tasks&noData")
    names = [task["id"] for task in listed.body["tasks"]]
    assert names == ["Trigger", "Activate", "Deactivate"]
    sim.faults.enable("output_tasks:Trigger")
    listed = await client.call("GET", f"{path}?tasks&noData")
    assert [task["id"] for task in listed.body["tasks"]] == ["Trigger"]
    assert (await client.post(f"outputs/{output.id}?task=Activate", {})).status == 400


@pytest.mark.parametrize("status", [502, 504])
async def test_an_unreachable_recorder_switches_nothing(
    client: Client, sim: Simulator, status: int
) -> None:
    """The answer is JSON, like every refusal of the management server."""
    sim.faults.enable(f"recorder_silent:{status}")
    output = sim.world.items("outputs")[0]
    preset = sim.world.items("ptzPresets")[0]
    camera = preset.parent
    for path in (
        f"outputs/{output.id}?task=Trigger",
        f"{camera}/ptzPresets/{preset.id}?task=Goto",
        f"{camera}/ptzPresets?task=GetDevicePresets",
    ):
        answer = await client.post(path, {})
        assert (answer.status, answer.is_json) == (status, True)
    assert sim.world.ledger.happened == []


async def test_a_preset_belongs_to_its_camera(client: Client, sim: Simulator) -> None:
    """Other cameras do not have it."""
    preset = sim.world.items("ptzPresets")[0]
    other = sim.world.cameras[0]
    answer = await client.post(
        f"cameras/{other.id}/ptzPresets/{preset.id}?task=Goto", {}
    )
    assert answer.status == 404
    answer = await client.post(f"{preset.parent}/ptzPresets/{preset.id}?task=Fly", {})
    assert (answer.status, answer.error_text) == (400, "Unknown task. Fly")
    answer = await client.post(f"cameras/{other.id}/streams?task=Goto", {})
    assert answer.status == 400
