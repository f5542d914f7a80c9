"""The upgrade to the event stream: its token, redirects and refusals."""

import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    ApiError,
    CertificateError,
    NotFoundError,
    PermissionDeniedError,
    SubscriptionFilter,
    TimedOutError,
    TokenRefusedError,
    UnavailableError,
    UnreachableError,
    XProtectClient,
    upgrade as upgrade_module,
)
from custom_components.xprotect_events.api.auth import NEW_FOR
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.upgrade import MAX_REDIRECTS
from tests.api.conftest import Connect
from tests.api.servers import (
    STREAM_PATH,
    Ending,
    RawServer,
    ScriptedServer,
    closed_port,
)
from tests.api.stream_script import (
    IMPATIENT,
    Listen,
    Recipient,
    Script,
    upgrades,
)
from xprotect_simulator import ManualClock, Options, Simulator, event_ids


async def test_the_upgrade_is_requested_with_a_token(
    listen: Listen, server: ScriptedServer
) -> None:
    """The path needs its version, and without a token the answer is 401."""
    await listen(Script())
    asked = server.received[-1]
    assert (asked.path, asked.authorization) == (STREAM_PATH, "Bearer token-1")


async def test_a_refused_token_is_renewed_once(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    clock: ManualClock,
) -> None:
    """It may have expired since the last request."""
    server.answer("GET", STREAM_PATH, status=401)
    await scripted.authenticator.token()
    await clock.advance(NEW_FOR)
    with pytest.raises(TokenRefusedError):
        await scripted.streams.connect(recipient.take)
    assert upgrades(server) == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize("age", [0, NEW_FOR])
@pytest.mark.parametrize("is_redirected", [False, True], ids=["here", "redirected"])
async def test_a_new_token_that_is_refused_causes_no_sign_in_for_the_stream(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    clock: ManualClock,
    age: float,
    *,
    is_redirected: bool,
) -> None:
    """Behind a proxy that loses the token, the password would be sent every minute."""
    path = STREAM_PATH
    if is_redirected:
        path = f"{STREAM_PATH}/"
        server.answer("GET", STREAM_PATH, status=307, headers={"Location": path})
    server.answer("GET", path, status=401)
    await scripted.authenticator.token()
    await clock.advance(age)
    for _ in range(10):
        with pytest.raises(TokenRefusedError):
            await scripted.streams.connect(recipient.take)
        await clock.advance(30)
    assert len(server.paths("POST")) <= 2
    assert len(upgrades(server)) >= 10


REDIRECTS = {
    "a slash": "{origin}/api/ws/events/v1/",
    "relative": "/api/ws/events/v1/",
    "relative to the folder": "v1/",
}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", REDIRECTS.values(), ids=list(REDIRECTS))
async def test_a_redirect_at_the_same_server_keeps_the_token(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    status: int,
    location: str,
) -> None:
    """For aiohttp `ws` and `http` are different origins, so it would drop the token."""
    server.answer(
        "GET",
        STREAM_PATH,
        status=status,
        headers={"Location": location.format(origin=server.url)},
    )
    server.answer("GET", f"{STREAM_PATH}/", status=503)
    with pytest.raises(UnavailableError):
        await scripted.streams.connect(recipient.take)
    assert upgrades(server) == ["Bearer token-1", "Bearer token-1"]


async def test_a_stream_behind_a_redirect_receives_events(
    sim: Simulator, client: XProtectClient, recipient: Recipient
) -> None:
    """A proxy in front of the gateway may redirect to another path."""
    sim.faults.enable(f"redirect:{sim.url}:count=1:path=/api/ws/*")
    async with await client.streams.connect(recipient.take) as stream:
        await stream.start(None)
        await stream.subscribe([SubscriptionFilter()])
        event = sim.world.emit(event_ids.MOTION_STARTED, sim.world.cameras[0])
        await stream.states()
    assert recipient.ids == [event.id]
    assert len(sim.login_attempts) == 1


@pytest.mark.parametrize(
    "location",
    [
        "http://user:secret@{host}/api/ws/events/v1/",
        "https://{host}/api/ws/events/v1/",
        "http://localhost:{port}/api/ws/events/v1/",
        "http://127.0.0.1:1/api/ws/events/v1/",
        "ws://{host}/api/ws/events/v1/",
        "//127.0.0.2:{port}/",
        "file:///etc/passwd",
        "http://[",
        "http://{host}:x/",
    ],
)
async def test_a_redirect_to_elsewhere_is_not_followed(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    location: str,
) -> None:
    """Neither the token nor credentials in the redirect are sent."""
    host = server.url.removeprefix("http://")
    location = location.format(host=host, port=host.partition(":")[2])
    server.answer("GET", STREAM_PATH, status=307, headers={"Location": location})
    with pytest.raises(ResponseError) as caught:
        await scripted.streams.connect(recipient.take)
    assert caught.value.status == 307
    assert "secret" not in str(caught.value)
    assert upgrades(server) == ["Bearer token-1"]


async def test_redirects_in_a_circle_end(
    server: ScriptedServer, scripted: XProtectClient, recipient: Recipient
) -> None:
    """A gateway that redirects to itself must not cause endless requests."""
    server.answer("GET", STREAM_PATH, status=302, headers={"Location": STREAM_PATH})
    with pytest.raises(ResponseError):
        await scripted.streams.connect(recipient.take)
    assert len(upgrades(server)) == 1 + MAX_REDIRECTS


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (500, UnavailableError),
        (503, UnavailableError),
        (400, UnavailableError),
        (200, UnavailableError),
    ],
)
async def test_every_refused_upgrade_has_its_error(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    status: int,
    error: type[ApiError],
) -> None:
    """A server without the stream is polled; a busy one is tried again."""
    server.answer("GET", STREAM_PATH, status=status)
    with pytest.raises(error) as caught:
        await scripted.streams.connect(recipient.take)
    assert caught.value.status == status


async def test_a_refused_upgrade_may_have_a_retry_after(
    server: ScriptedServer, scripted: XProtectClient, recipient: Recipient
) -> None:
    """A starting server sends the time it needs."""
    server.answer("GET", STREAM_PATH, status=503, headers={"Retry-After": "77"})
    with pytest.raises(UnavailableError) as caught:
        await scripted.streams.connect(recipient.take)
    assert caught.value.retry_after == 77


async def test_a_server_that_cannot_be_reached_is_unreachable(
    connect: Connect, recipient: Recipient
) -> None:
    """The stream fails in the same ways as every request."""
    client = connect(f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(UnreachableError):
        await client.streams.connect(recipient.take)


async def test_an_untrusted_certificate_is_detected_before_anything_is_sent(
    connect: Connect, recipient: Recipient
) -> None:
    """The token would be sent to an unknown server."""
    async with Simulator(Options(tls=True)) as sim:
        with pytest.raises(CertificateError):
            await connect(sim.url).streams.connect(recipient.take)
        assert not sim.requests


async def test_an_upgrade_that_is_not_answered_times_out(
    server: ScriptedServer,
    scripted: XProtectClient,
    recipient: Recipient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A proxy without WebSockets may drop the request."""
    await scripted.authenticator.token()
    monkeypatch.setattr(upgrade_module, "UPGRADE_TIMEOUT", IMPATIENT)
    async with RawServer(b"", Ending.SILENCE) as silent:
        monkeypatch.setattr(scripted.streams, "_url", URL(silent.url))
        with pytest.raises(TimedOutError):
            await scripted.streams.connect(recipient.take)
    assert server.paths() == []
