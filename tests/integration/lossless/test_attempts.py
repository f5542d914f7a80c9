"""The times of requests after failures, and the number of sign-ins."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest

from custom_components.xprotect_events.poll_attempts import SECOND_TRY_AFTER
from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options

# Seconds: the client's accuracy, and the fraction of a second at which it polls.
ROUNDING = 1.6
CAP = 15


async def attempts(scene: Scene, seconds: int) -> list[float]:
    """Let time pass; return the times of requests for events, in seconds from now."""
    start = scene.time.clock.monotonic()
    asked = []
    for _ in range(seconds * 4):
        before = scene.event_requests
        await scene.time.passes(0.25)
        if scene.event_requests > before:
            asked.append(scene.time.clock.monotonic() - start)
    return asked


def gaps(moments: list[float]) -> list[float]:
    """Return the times between these moments."""
    return [after - before for before, after in pairwise(moments)]


async def test_attempts_become_rarer_but_an_outage_ends_when_it_ends(
    scene: Scene,
) -> None:
    """A failing server gets few requests, and its return is noticed within seconds."""
    scene.simulator.faults.enable("event_server_down")
    second_try, *waits = gaps(await attempts(scene, 300))
    assert second_try <= SECOND_TRY_AFTER + 0.25
    assert len(waits) > 20
    for number, wait in enumerate(waits):
        step = min(CAP, 2 * 2**number)
        assert step / 2 - 1 <= wait <= step + ROUNDING


async def test_waits_vary_so_that_clients_do_not_return_at_the_same_time(
    scene: Scene,
) -> None:
    """After a power cut all clients of a server send requests at the same time."""
    scene.simulator.faults.enable("event_server_down")
    waits = gaps(await attempts(scene, 300))[5:]
    assert max(waits) - min(waits) > 2.5


async def test_the_first_wait_is_short_again_after_a_success(scene: Scene) -> None:
    """Two outages of a day are separate."""
    scene.simulator.faults.enable("event_server_down")
    await scene.time.passes(1800)
    scene.simulator.faults.clear()
    await scene.time.passes(CAP + ROUNDING)
    assert scene.delivery == "poll"
    scene.simulator.faults.enable("event_server_down")
    first, second, *_ = await attempts(scene, 10)
    assert second - first <= 2 + ROUNDING


def next_attempt(scene: Scene) -> datetime | None:
    """Return the next attempt that the delivery sensor shows."""
    state = scene.hass.states.get(scene.delivery_id)
    assert state is not None
    moment = state.attributes["next_attempt"]
    assert moment is None or isinstance(moment, datetime)
    return moment


async def test_the_next_attempt_is_shown_until_one_succeeds(scene: Scene) -> None:
    """Without it users could not see whether there are further attempts."""
    assert next_attempt(scene) is None
    scene.simulator.faults.enable("event_server_down")
    await scene.time.passes(60)
    first = next_attempt(scene)
    assert first is not None
    assert 0 < (first - dt_util.utcnow()).total_seconds() <= CAP
    await scene.time.passes(CAP + ROUNDING)
    second = next_attempt(scene)
    assert second is not None
    assert second != first
    scene.simulator.faults.clear()
    await scene.time.passes(CAP + ROUNDING)
    assert next_attempt(scene) is None


async def test_a_refused_password_has_no_next_attempt(scene: Scene) -> None:
    """It waits for the user, however long that takes."""
    scene.simulator.identity.set_password("new")
    scene.simulator.identity.revoke_tokens()
    await scene.time.passes(60)
    assert scene.delivery == "down"
    assert next_attempt(scene) is None


async def test_a_user_need_not_wait_for_the_next_attempt(scene: Scene) -> None:
    """After a restart of the server, the user wants to see that it works."""
    assert await async_setup_component(scene.hass, "homeassistant", {})
    scene.simulator.faults.enable("event_server_down")
    await scene.time.passes(300)
    scene.simulator.faults.clear()
    assert scene.delivery == "down"
    await scene.hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": scene.delivery_id}
    )
    await scene.time.passes(1)
    assert scene.delivery == "poll"


@pytest.mark.parametrize("seconds", [20, 300])
async def test_retry_after_is_honoured(scene: Scene, seconds: int) -> None:
    """A server may extend the wait after a request that is too early."""
    # The answer comes late in a second, and coordinators count from its beginning.
    scene.simulator.faults.enable("slow:0.7:count=1")
    scene.simulator.faults.enable(f"too_many_requests:{seconds}:count=1")
    refused, accepted, *_ = await attempts(scene, seconds + 6)
    assert seconds <= accepted - refused <= seconds + ROUNDING
    assert scene.delivery == "poll"


@pytest.mark.parametrize("retry_after", ["soon", "-5", "nan"])
async def test_an_invalid_retry_after_is_ignored(
    scene: Scene, retry_after: str
) -> None:
    """Proxies may write anything into headers."""
    scene.simulator.faults.enable(f"too_many_requests:{retry_after}:count=1")
    await scene.time.passes(6)
    assert scene.delivery == "poll"


@pytest.mark.parametrize("entry_options", [{}])
async def test_several_changes_cause_one_reading_of_the_site(
    unset_scene: Scene,
) -> None:
    """Adding a hundred cameras must not keep the server busy."""
    scene = unset_scene
    await scene.set_up()
    await scene.time.passes(10)
    before = len(scene.simulator.requests)
    for name in ("Pool", "Shed", "Roof"):
        scene.simulator.world.add_camera(name)
        await scene.time.passes(0.6)
    await scene.time.passes(10)
    asked = [one.path for one in tuple(scene.simulator.requests)[before:]]
    assert sum(path.endswith("/sites") for path in asked) == 1


async def test_an_outage_of_the_event_server_causes_no_sign_in(scene: Scene) -> None:
    """The token is still valid."""
    logins = scene.logins
    scene.simulator.faults.enable("event_server_down")
    await scene.busy_time(600)
    assert scene.logins == logins


async def test_a_revoked_token_causes_one_sign_in(scene: Scene) -> None:
    """Many sign-ins at once look like an attack, and are logged as one."""
    logins = scene.logins
    scene.simulator.identity.revoke_tokens()
    await scene.busy_time(60)
    assert scene.logins == logins + 1


@pytest.mark.parametrize("entry_options", [{"delivery": "poll", "poll_interval": 20}])
async def test_a_sign_in_an_hour_is_enough(scene: Scene) -> None:
    """Tokens last an hour, and each is used until it expires."""
    logins = scene.logins
    await scene.time.passes(6 * 3600)
    assert scene.logins - logins == 6


@pytest.mark.parametrize(
    "simulator_options", [Options(token_life=timedelta(minutes=10))]
)
async def test_an_outage_of_the_identity_provider_is_not_noticed_while_the_token_lasts(
    scene: Scene,
) -> None:
    """The event server does not need it, so entities stay available."""
    scene.simulator.faults.enable("idp_down")
    await scene.busy_time(570)
    assert scene.delivery == "poll"
    assert scene.lines() == []
    await scene.busy_time(60)
    assert (scene.delivery, scene.motion) == ("down", "unavailable")
    scene.simulator.faults.clear()
    await scene.busy_time(65)
    assert scene.delivery == "poll"
    scene.assert_everything_arrived_once()


async def test_after_a_changed_password_the_form_opens_and_nothing_is_tried_again(
    scene: Scene,
) -> None:
    """Five wrong attempts lock the account, which other users may share."""
    scene.simulator.identity.set_password("new")
    scene.simulator.identity.revoke_tokens()
    logins = scene.logins
    await scene.busy_time(3600)
    assert scene.logins == logins + 1
    assert scene.delivery == "down"
    (flow,) = scene.hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    result = await scene.hass.config_entries.flow.async_configure(
        flow["flow_id"], {"username": "demo", "password": "new"}
    )
    assert result["reason"] == "reauth_successful"
    await scene.busy_time(10)
    assert scene.delivery == "poll"
    scene.assert_everything_arrived_once()


async def test_reloads_during_slow_sign_ins_do_not_end_the_delivery(
    scene: Scene,
) -> None:
    """Each was counted as a failure, and after five the delivery waited an hour."""
    scene.simulator.faults.enable("slow:30:path=/IDP/connect/token")
    scene.simulator.identity.revoke_tokens()
    logins, start = scene.logins, scene.time.clock.monotonic()
    for _ in range(9):
        scene.emit()
        await in_time(scene, scene.hass.config_entries.async_reload)
        await scene.time.passes(4)
    reloading = scene.time.clock.monotonic() - start
    await scene.busy_time(60)
    assert scene.delivery == "poll"
    # Each sign-in that was answered, and no cancelled one.
    assert scene.logins - logins <= reloading / 30 + 1
    scene.assert_everything_arrived_once()


async def test_a_sign_in_ends_with_its_entry(scene: Scene) -> None:
    """It survives reloads, but not the removal of its entry."""
    scene.simulator.faults.enable("slow:300:path=/IDP/connect/token")
    scene.simulator.identity.revoke_tokens()
    await scene.time.passes(5)
    assert sign_ins()
    await in_time(scene, scene.hass.config_entries.async_unload)
    assert sign_ins()
    await in_time(scene, scene.hass.config_entries.async_remove)
    assert not sign_ins()
    # Let the simulator finish the request that was cancelled.
    await scene.time.passes(300)


async def in_time(
    scene: Scene, act: Callable[[str], Coroutine[Any, Any, object]]
) -> None:
    """Let time pass until an operation on the entry is done."""
    doing = scene.hass.async_create_task(act(scene.entry.entry_id))
    while not doing.done():
        await scene.time.passes(1)


def sign_ins() -> list[asyncio.Task[Any]]:
    """Return the running sign-ins."""
    name = "xprotect_events sign-in"
    return [one for one in asyncio.all_tasks() if one.get_name() == name]
