"""Faults between XProtect and Home Assistant, which begin and end."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from tests.integration.lossless.scene import Scene
from xprotect_simulator.faults.state_fault_table import STATE_FAULTS

type Trouble = Callable[[Scene], AbstractAsyncContextManager[None]]


def fault(*specs: str, is_met: bool | None = True) -> Trouble:
    """Return a fault that consists of these faults of the simulator.

    Each of them must be met, or none, so that the test proves something; `is_met` is
    `None` where that depends on chance.
    """

    @asynccontextmanager
    async def trouble(scene: Scene) -> AsyncIterator[None]:
        faults = scene.simulator.faults
        names = [faults.enable(spec).kind.name for spec in specs]
        before = faults.used.copy()
        yield
        met = {name for name in names if faults.used[name] > before[name]}
        # Those of a state change the site as soon as they begin.
        states = {kind.name for kind in STATE_FAULTS}
        if is_met:
            assert met | states >= set(names)
        elif is_met is False:
            assert not met
        faults.clear()

    return trouble


def fault_of_lists(spec: str) -> Trouble:
    """Return a fault of the lists, which are read again while it lasts."""

    @asynccontextmanager
    async def trouble(scene: Scene) -> AsyncIterator[None]:
        async with fault(spec)(scene):
            world = scene.simulator.world
            world.rename(world.named("Gate open").path, "Gate opened")
            yield

    return trouble


@asynccontextmanager
async def unreachable_names(scene: Scene) -> AsyncIterator[None]:
    """Sign in again while discovery names hosts that cannot be reached."""
    async with fault("unreachable_names")(scene):
        scene.simulator.identity.revoke_tokens()
        yield


def once(spec: str) -> Trouble:
    """Return a fault of one request for events."""
    return fault(f"{spec}:count=1:path=/api/rest/v1/event*")


@asynccontextmanager
async def server_stopped(scene: Scene) -> AsyncIterator[None]:
    """Restart the machine: nothing listens, and then all sessions are forgotten."""
    await scene.simulator.stop()
    yield
    scene.simulator.restart_event_server()
    await scene.simulator.start()


@asynccontextmanager
async def event_server_restarted(scene: Scene) -> AsyncIterator[None]:
    """Restart the service between two polls: all sessions are forgotten."""
    scene.simulator.restart_event_server()
    yield


@asynccontextmanager
async def tokens_revoked(scene: Scene) -> AsyncIterator[None]:
    """Revoke all tokens, as an administrator can in the Management Client."""
    scene.simulator.identity.revoke_tokens()
    yield


@asynccontextmanager
async def all_but_the_configuration_down(scene: Scene) -> AsyncIterator[None]:
    """Take the identity provider down, too, which gets no requests meanwhile."""
    without_sign_in = fault("idp_down", is_met=False)
    async with fault("event_server_down")(scene), without_sign_in(scene):
        yield


# While these last, no event can arrive.
OUTAGES: dict[str, Trouble] = {
    "connection reset": fault("reset"),
    "connection reset after the request": fault("reset:after"),
    "no answer in time": fault("slow:90"),
    "half an answer": fault("truncated"),
    "HTML": fault("html"),
    "garbage": fault("garbage"),
    "401 always": fault("unauthorized"),
    "403": fault("forbidden:events,eventsessions"),
    "429": fault("too_many_requests:30"),
    "500": fault("server_error:500"),
    "502": fault("server_error:502"),
    "503": fault("server_error:503"),
    "503, with a time to wait": fault("starting:30"),
    "504": fault("server_error:504"),
    "event server down": fault("event_server_down"),
    "event server down, 500": fault("event_server_down:500"),
    "gateway without events API": fault("events_api_missing"),
    "IIS without gateway": fault("gateway_missing"),
    "redirect": fault("redirect"),
    "server stopped": server_stopped,
    "everything but the configuration down": all_but_the_configuration_down,
}

# These cost a request or two, and are not noticed.
NUISANCES: dict[str, Trouble] = {
    "one connection reset": once("reset"),
    "one connection reset after the request": once("reset:after"),
    "half an answer, once": once("truncated"),
    "HTML, once": once("html"),
    "garbage, once": once("garbage"),
    "500, once": once("server_error:500"),
    "502, once": once("server_error:502"),
    "503, once": once("server_error:503"),
    "event server down, once": once("event_server_down"),
    "401, once": fault("unauthorized_once"),
    "token revoked": tokens_revoked,
    "tokens die early": fault("token_expires_early:20"),
    # The token lasts, so nobody signs in.
    "identity provider down": fault("idp_down", is_met=False),
    "identity provider elsewhere": fault("idp_elsewhere", is_met=False),
    "unreachable names": unreachable_names,
    "strict queries": fault_of_lists("strict_queries"),
    "event types without state": fault_of_lists("event_types_without_state"),
    "recorders without parent": fault_of_lists("recorders_without_parent"),
    "state groups without id": fault_of_lists("state_groups_without_id"),
    "session forgotten": fault("session_forgotten"),
    "event server restarted": event_server_restarted,
    "answers after a second": fault("slow:1"),
    "one connection in twenty is lost": fault("reset:after:chance=0.05"),
    "configuration forbidden": fault_of_lists(
        "forbidden:cameras,eventTypes,stateGroups"
    ),
    "unknown type": fault("unknown_type"),
    "camera not listed": fault("source_disappears"),
    "repeated within a reply": fault("event_repeated:reply"),
    "repeated in the next reply": fault("event_repeated:next"),
    "out of order": fault("out_of_order"),
    "sessions shuffled and repeated": fault("out_of_order", "event_repeated:next"),
}
