"""Tasks: those that outputs offer, and the answers to running one."""

import pytest

from custom_components.xprotect_events.api import (
    PermissionDeniedError,
    RecorderSilentError,
    RejectedError,
    Task,
    UnavailableError,
    XProtectClient,
)
from custom_components.xprotect_events.api.errors import ResponseError
from tests.api.servers import ScriptedServer
from xprotect_simulator import Simulator, event_ids
from xprotect_simulator.site.security import ACTIVATE


@pytest.mark.parametrize("key", ["id", "name"])
async def test_tasks_are_found_under_both_of_their_documented_names(
    server: ScriptedServer, scripted: XProtectClient, key: str
) -> None:
    """The schema and recorded answers disagree; the case of letters is ignored."""
    rows = [{key: "ACTIVATE"}, {key: "Trigger"}, {key: "Fly"}, {"displayName": "?"}]
    server.answer_rest("GET", "outputs/x", {"tasks": rows})
    offered = await scripted.tasks.offered("outputs/x")
    assert offered == {Task.ACTIVATE, Task.TRIGGER}
    (asked,) = (one for one in server.received if one.method == "GET")
    assert asked.query == "tasks&noData"


async def test_an_output_is_switched(sim: Simulator, client: XProtectClient) -> None:
    """The siren is switched on."""
    output = sim.world.items("outputs")[0]
    assert await client.tasks.offered(output.path) == {
        Task.ACTIVATE,
        Task.DEACTIVATE,
        Task.TRIGGER,
    }
    await client.tasks.run(output.path, Task.ACTIVATE)
    assert sim.world.ledger.happened[-1].type == event_ids.OUTPUT_ACTIVATED


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("recorder_silent:502", RecorderSilentError),
        ("recorder_silent:504", RecorderSilentError),
        ("server_error:503", UnavailableError),
        ("output_tasks:Trigger", RejectedError),
        ("html", ResponseError),
        ("garbage", ResponseError),
    ],
)
async def test_the_error_of_a_task_shows_its_cause(
    sim: Simulator, client: XProtectClient, fault: str, error: type[Exception]
) -> None:
    """A silent recorder is a different problem from a silent server."""
    sim.faults.enable(fault)
    output = sim.world.items("outputs")[0]
    with pytest.raises(error):
        await client.tasks.run(output.path, Task.ACTIVATE)
    assert sim.world.ledger.happened == []


async def test_a_refused_task_raises_a_missing_right(
    sim: Simulator, client: XProtectClient
) -> None:
    """Most accounts should not have this right."""
    sim.identity.deny("outputs", ACTIVATE)
    with pytest.raises(PermissionDeniedError):
        await client.tasks.run(sim.world.items("outputs")[0].path, Task.ACTIVATE)


async def test_a_task_that_has_failed_raises_the_text_of_the_server(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """The status of the answer is that of a success."""
    result = {"state": "Error", "errorCode": 1, "errorText": "Output is disabled."}
    server.answer_rest("POST", "outputs/x", {"result": result})
    with pytest.raises(RejectedError, match=r"Output is disabled\."):
        await scripted.tasks.run("outputs/x", Task.ACTIVATE)


@pytest.mark.parametrize("answer", [{}, {"result": {"state": "Idle"}}])
async def test_a_task_without_an_error_counts_as_run(
    server: ScriptedServer, scripted: XProtectClient, answer: dict[str, object]
) -> None:
    """Of the other answers not all are documented."""
    server.answer_rest("POST", "outputs/x", answer)
    await scripted.tasks.run("outputs/x", Task.ACTIVATE)


async def test_a_server_that_ignores_the_flags_has_no_tasks(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """Older ones have none for outputs; their answers are not asked for again."""
    server.answer_rest("GET", "outputs/x", {"data": {"displayName": "Siren"}})
    assert not await scripted.tasks.offered("outputs/x")
