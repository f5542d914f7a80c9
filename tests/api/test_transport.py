"""Requests to the gateway: paths, queries, tokens and the server's time."""

from datetime import UTC, datetime, timedelta

import aiohttp
from hypothesis import given, strategies as st
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    Condition,
    Credentials,
    LoginConnector,
    NewEvent,
    Operator,
    ServerClock,
    SignInAttempts,
    UnreachableError,
    XProtectClient,
    match,
)
from custom_components.xprotect_events.api.auth import Authenticator
from custom_components.xprotect_events.api.http import Http
from custom_components.xprotect_events.api.identity_provider import IdentityProvider
from custom_components.xprotect_events.api.transport import Query, Transport
from tests.api.conftest import Connect
from tests.api.servers import ScriptedServer
from tests.effort import tried
from xprotect_simulator import ManualClock, Simulator

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """Start on a whole second, because a `Date` has no more."""
    return ManualClock(NOON)


def transport_to(session: aiohttp.ClientSession, address: str) -> Transport:
    """Return a transport to a server, with its own sign-in and clock."""
    http, url = Http(session=session), URL(address)
    credentials = Credentials(username="demo", password="demo")
    attempts = SignInAttempts()
    provider = IdentityProvider(http, url, credentials, LoginConnector, attempts)
    return Transport(http, url, Authenticator(provider, attempts), ServerClock())


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ([], ""),
        ([("disabled", None)], "disabled"),
        ([("page", 0), ("size", 100)], "page=0&size=100"),
        ([("disabled", None), ("page", 1)], "disabled&page=1"),
        (
            [("time", match(Condition(Operator.GREATER_THAN, NOON)))],
            "time=gt%3A%272026-03-02T12%3A00%3A00.000000Z%27",
        ),
        (
            [("source.name", match(Condition(Operator.EQUALS, "a&b=c+d e#ü")))],
            "source.name=equals%3A%27a%26b%3Dc%2Bd%20e%23%C3%BC%27",
        ),
    ],
)
async def test_a_query_is_written_so_that_every_server_reads_it(
    server: ScriptedServer, session: aiohttp.ClientSession, query: Query, written: str
) -> None:
    """A flag has no `=`, and a name must not become another parameter."""
    server.answer_rest("GET", "cameras", {"array": []})
    await transport_to(session, server.url).get("cameras", query)
    assert server.received[-1].query == written


@given(value=st.text())
@tried(200)
def test_any_text_arrives_unchanged(value: str) -> None:
    """Cameras can have any name."""
    # Nothing is sent, so no session is needed.
    transport = object.__new__(Transport)
    transport._gateway = URL("http://vms/api")
    url = transport._url("events", [("source.name", value)])
    assert url.query == {"source.name": value}


async def test_every_request_below_the_api_is_signed(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """Nothing there is public."""
    server.answer_rest("GET", "sites", {"array": []})
    await scripted.configuration.sites()
    assert server.received[-1].authorization == "Bearer token-1"


async def test_the_well_known_document_is_read_without_a_token(
    server: ScriptedServer, scripted: XProtectClient
) -> None:
    """The address is checked before the password is sent to it."""
    server.answer("GET", "/api/.well-known/uris", {"ProductVersion": "25.2"})
    await scripted.configuration.gateway()
    assert [one.authorization for one in server.received] == [None]


async def test_a_path_of_the_address_is_kept(
    server: ScriptedServer, connect: Connect
) -> None:
    """Behind a reverse proxy both services may lie deeper."""
    token = {"access_token": "a token"}
    server.answer("POST", "/xprotect/IDP/connect/token", token)
    server.answer("GET", "/xprotect/api/rest/v1/sites", {"array": []})
    assert await connect(f"{server.url}/xprotect").configuration.sites() == ()


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_trigger_is_never_repeated_after_a_lost_answer(
    sim: Simulator, client: XProtectClient, moment: str
) -> None:
    """The siren may have sounded already."""
    await client.authenticator.token()
    gate = sim.world.named("Gate open")
    sim.faults.enable(f"reset:{moment}:count=1")
    with pytest.raises(UnreachableError):
        await client.events.trigger(NewEvent(type_id=gate.id))
    expected = {"before": 0, "after": 1}[moment]
    assert len(sim.world.ledger.happened) == expected


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_read_of_a_session_is_not_repeated_by_the_http_client(
    sim: Simulator, client: XProtectClient, moment: str
) -> None:
    """The session has moved past its lost reply, so its events would be missing."""
    session_id = await client.sessions.create()
    event = sim.world.emit(sim.world.named("Gate open").id)
    sim.requests.clear()
    sim.faults.enable(f"reset:{moment}:count=1")
    with pytest.raises(UnreachableError):
        await client.sessions.read(session_id, max_size=10)
    assert len(sim.requests) == 1
    (stored,) = (await client.events.list()).events
    assert stored.id == event.id


async def test_a_trigger_with_an_expired_token_happens_once(
    sim: Simulator, client: XProtectClient
) -> None:
    """The server has refused the first attempt before it did anything."""
    await client.authenticator.token()
    sim.identity.revoke_tokens()
    gate = sim.world.named("Gate open")
    await client.events.trigger(NewEvent(type_id=gate.id))
    assert len(sim.world.ledger.happened) == 1


@pytest.mark.parametrize("skew", [-86_400, 0, 7_200])
async def test_events_are_judged_by_the_servers_clock_even_if_it_is_wrong(
    sim: Simulator, client: XProtectClient, clock: ManualClock, skew: int
) -> None:
    """Otherwise every event would seem delayed or in the future."""
    sim.faults.enable(f"clock_skew:{skew}")
    await client.configuration.sites()
    await clock.advance(10)
    gate = sim.world.emit(sim.world.named("Gate open").id)
    assert client.clock.now() - gate.time < timedelta(seconds=1)
    assert client.clock.now() == NOON + timedelta(seconds=skew + 10)


async def test_the_date_of_an_error_answer_counts(
    sim: Simulator, client: XProtectClient, clock: ManualClock
) -> None:
    """After an outage of the event server there may be no other answer."""
    sim.faults.enable("clock_skew:3600")
    sim.faults.enable("event_server_down")
    with pytest.raises(Exception, match="503"):
        await client.events.list()
    assert client.clock.now() == clock.now() + timedelta(hours=1)
