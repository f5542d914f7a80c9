"""Event sessions that the server forgets, refuses or deletes."""

import asyncio
from collections.abc import Callable

import pytest

from custom_components.xprotect_events.api import (
    ApiError,
    PermissionDeniedError,
    SessionForgottenError,
    UnavailableError,
    UnreachableError,
    XProtectClient,
    sessions as sessions_module,
)
from custom_components.xprotect_events.api.errors import ResponseError
from tests.api.servers import ScriptedServer
from xprotect_simulator import ManualClock, Simulator

ID = "b5f30718-6283-4e9f-8aa1-3c4d5e6f7010"

LONG = f"eventSessions/{ID}/events"

SHORT = f"eventSessions/{ID}"


async def test_both_paths_are_tried_again_after_a_session_was_lost(
    sim: Simulator, client: XProtectClient
) -> None:
    """An update of the server may have changed the path."""
    sim.faults.enable("session_path:short")
    session_id = await client.sessions.create()
    await client.sessions.read(session_id, max_size=10)
    sim.faults.enable("session_path:suffix")
    with pytest.raises(SessionForgottenError):
        await client.sessions.read(session_id, max_size=10)
    assert (await client.sessions.read(session_id, max_size=10)).added == ()


@pytest.mark.parametrize("answer", ["404", "400", "410"])
async def test_a_forgotten_session_has_its_own_error(
    sim: Simulator, client: XProtectClient, answer: str
) -> None:
    """A restarted event server answers in one of several ways."""
    sim.faults.enable(f"expiry_answer:{answer}")
    session_id = await client.sessions.create()
    sim.restart_event_server()
    with pytest.raises(SessionForgottenError) as caught:
        await client.sessions.read(session_id, max_size=10)
    assert caught.value.status == int(answer)
    assert caught.value.server_text is not None


async def test_a_session_that_is_not_read_for_long_is_forgotten(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """The client's machine may be suspended for a night."""
    session_id = await client.sessions.create()
    await clock.advance(sim.options.session_idle)
    with pytest.raises(SessionForgottenError):
        await client.sessions.read(session_id, max_size=10)


@pytest.mark.parametrize(
    "text", ["UnknownSession", "Fault: Unknown session.", "unknownsession"]
)
async def test_a_forgotten_session_may_be_a_fault_of_the_event_server(
    server: ScriptedServer, scripted: XProtectClient, text: str
) -> None:
    """Its older interface has an error of that name."""
    body = {"error": {"httpCode": 500, "details": [{"errorText": text}]}}
    for path in (LONG, SHORT):
        server.answer_rest("GET", path, body, status=500)
    with pytest.raises(SessionForgottenError) as caught:
        await scripted.sessions.read(ID, max_size=10)
    assert (caught.value.status, caught.value.server_text) == (500, text)


@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        (lambda sim: sim.faults.enable("event_server_down"), UnavailableError),
        (lambda sim: sim.faults.enable("server_error:500"), UnavailableError),
        (lambda sim: sim.identity.forbid("eventSessions"), PermissionDeniedError),
        (lambda sim: sim.faults.enable("reset"), UnreachableError),
        (lambda sim: sim.faults.enable("html"), ResponseError),
    ],
)
async def test_a_server_that_cannot_answer_has_not_forgotten_the_session(
    sim: Simulator,
    client: XProtectClient,
    prepare: Callable[[Simulator], object],
    error: type[ApiError],
) -> None:
    """A new session after each failure would fill the server's memory."""
    session_id = await client.sessions.create()
    prepare(sim)
    with pytest.raises(error) as caught:
        await client.sessions.read(session_id, max_size=10)
    assert not isinstance(caught.value, SessionForgottenError)
    sim.faults.clear()
    sim.identity.allow("eventSessions")
    assert (await client.sessions.read(session_id, max_size=10)).added == ()


async def test_a_deleted_session_is_gone(
    sim: Simulator, client: XProtectClient
) -> None:
    """The server need not wait for it to expire."""
    session_id = await client.sessions.create()
    assert len(sim.sessions) == 1
    await client.sessions.delete(session_id)
    assert len(sim.sessions) == 0


@pytest.mark.parametrize(
    "prepare",
    [
        lambda sim: sim.restart_event_server(),
        lambda sim: sim.faults.enable("event_server_down"),
        lambda sim: sim.faults.enable("reset"),
        lambda sim: sim.faults.enable("unauthorized"),
        lambda sim: sim.identity.forbid("eventSessions"),
        lambda sim: sim.faults.enable("html"),
    ],
    ids=["forgotten", "down", "lost", "token refused", "forbidden", "a page"],
)
async def test_deleting_never_fails(
    sim: Simulator, client: XProtectClient, prepare: Callable[[Simulator], object]
) -> None:
    """It happens while Home Assistant stops, and the server deletes old sessions."""
    session_id = await client.sessions.create()
    prepare(sim)
    await client.sessions.delete(session_id)


async def test_deleting_does_not_delay_a_stop(
    sim: Simulator,
    client: XProtectClient,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that does not answer must not keep Home Assistant from stopping."""
    session_id = await client.sessions.create()
    monkeypatch.setattr(sessions_module, "DELETE_TIMEOUT", 0.05)
    sim.faults.enable("slow:3600")
    async with asyncio.timeout(1):
        await client.sessions.delete(session_id)
    sim.faults.clear()
    # Let the simulator finish the requests that were cancelled.
    await clock.advance(3600)
