"""Secrets that are never logged or shown: password, tokens, messages of a login."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
import logging
import traceback
from typing import Any, override
from unittest.mock import patch

from homeassistant.const import MATCH_ALL
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.xprotect_events.api import auth
from custom_components.xprotect_events.const import DOMAIN
from tests.integration.flow_forms import submit
from xprotect_simulator import ManualClock, Options, Simulator, event_ids
from xprotect_simulator.sign_in.users import Principal

USER = r"CORP\ann"
PASSWORD = "marked-password-Zq7"
ANOTHER = "marked-password-Xw9"
# The beginning of every NTLM message, raw and as it is sent.
NTLM = ("NTLMSSP", "TlRMTVNTUA")
AN_HOUR = 3600.0
CONFIG_ENTRIES = "core.config_entries"


class AllRecords(logging.Handler):
    """A handler of all loggers, at every level, which keeps the whole records."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.records: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record in every form that a formatter or a debugger could show."""
        self.records += [self.format(record), repr(vars(record))]


@pytest.fixture
def log() -> Iterator[AllRecords]:
    """Record all log lines from now on, at every level."""
    log = AllRecords()
    loggers = [
        logging.getLogger(name)
        for name in (*logging.root.manager.loggerDict, "spnego._ntlm")
    ]
    levels = [(one, one.level) for one in (logging.root, *loggers)]
    for one in loggers:
        one.setLevel(logging.DEBUG)
        if not one.propagate:
            one.addHandler(log)
    logging.root.setLevel(logging.DEBUG)
    logging.root.addHandler(log)
    yield log
    for one, level in levels:
        one.setLevel(level)
        one.removeHandler(log)


@pytest.fixture
def tokens(simulator: Simulator) -> Iterator[list[str]]:
    """Return the tokens that the server issues from now on."""
    given: list[str] = []
    issue = simulator.identity.issue

    def noting(principal: Principal) -> str:
        given.append(issue(principal))
        return given[-1]

    with patch.object(simulator.identity, "issue", noting):
        yield given


class Life:
    """A config entry, from its set-up to its removal, and all its output."""

    def __init__(
        self, hass: HomeAssistant, entry: MockConfigEntry, simulator: Simulator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._simulator = simulator
        self.seen: list[str] = []
        hass.bus.async_listen(MATCH_ALL, self._note)

    @callback
    def _note(self, event: Event) -> None:
        self.seen.append(repr(event.as_dict()))

    async def set_up(self) -> None:
        """Set it up, until events are pushed."""
        await self._hass.config_entries.async_setup(self._entry.entry_id)
        await self._until(lambda: self._simulator.sockets.commands["getState"] > 0)

    async def happen(self) -> None:
        """Create an event, and wait for it."""
        camera = self._simulator.world.cameras[0]
        event = self._simulator.world.emit(event_ids.MOTION_STARTED, camera)
        await self._until(lambda: any(event.id in one for one in self.seen))

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, and wait for all polls that are due."""
        assert isinstance(self._simulator.clock, ManualClock)
        # Firing time also ends a running sign-in's time-out; an action waits until no
        # sign-in is running.
        await self.act("get_events", limit=1)
        before = len(self._simulator.requests)
        await self._simulator.clock.advance(seconds)
        later = dt_util.utcnow() + timedelta(seconds=seconds)
        async_fire_time_changed(self._hass, later)
        await self._until(lambda: len(self._simulator.requests) > before)
        await self._hass.async_block_till_done()

    async def act(self, action: str, **data: object) -> None:
        """Call an action, whatever its result."""
        data["config_entry_id"] = self._entry.entry_id
        try:
            answer = await self._hass.services.async_call(
                DOMAIN, action, data, blocking=True, return_response=True
            )
        except HomeAssistantError as err:
            self.seen += [repr(err), str(err), *traceback.format_exception(err)]
        else:
            self.seen.append(repr(answer))

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0)


@pytest.fixture
def tokens_may_be_replaced_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the time between them, because tests do not advance the client's clock."""
    monkeypatch.setattr(auth, "REPLACEMENT_PAUSE", 0.0)


@pytest.mark.parametrize(
    ("simulator_options", "entry_options", "user"),
    [
        (
            Options(password=PASSWORD),
            {},
            {"authentication": "basic", "username": "demo"},
        ),
        (
            Options(windows_username=USER, windows_password=PASSWORD),
            {},
            {"authentication": "windows", "username": USER},
        ),
    ],
    ids=["basic", "windows"],
)
@pytest.mark.usefixtures("tokens_may_be_replaced_at_once")
async def test_no_secret_is_shown_during_the_life_of_an_entry(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    user: dict[str, str],
    log: AllRecords,
    tokens: list[str],
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
) -> None:
    """Logs and diagnostics are published, and backups may be copied."""
    data = entry.data | user | {"password": PASSWORD}
    hass.config_entries.async_update_entry(entry, data=data)
    life = Life(hass, entry, simulator)

    await life.set_up()
    await life.happen()
    # The token is renewed in time, and again after a 401.
    await life.pass_time(AN_HOUR)
    simulator.identity.revoke_tokens()
    await life.pass_time(AN_HOUR)
    await life.act("trigger_event", event="Gate open")
    await life.act("get_events", limit=5)
    simulator.faults.enable("forbidden")
    await life.act("get_events")
    simulator.faults.clear()
    shown = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert len(set(tokens)) >= 3

    # The password is changed, refused, requested and accepted.
    simulator.identity.set_password(ANOTHER, user["username"])
    simulator.identity.revoke_tokens()
    await life.act("get_events")
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    for password in ("marked-password-wrong", ANOTHER):
        form = {"username": user["username"], "password": password}
        life.seen.append(repr(await submit(hass, flow["flow_id"], form)))
    await life.happen()
    outcomes = {attempt.outcome for attempt in simulator.login_attempts}
    assert outcomes == {"success", "InvalidCredentials"}

    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()

    stored = {
        key: value for key, value in hass_storage.items() if key != CONFIG_ENTRIES
    }
    assert f"{DOMAIN}.{entry.entry_id}" in stored
    everything = [
        *log.records,
        *life.seen,
        repr(shown),
        repr(stored),
        repr([state.as_dict() for state in hass.states.async_all()]),
        repr(dr.async_get(hass).devices),
        repr(er.async_get(hass).entities),
        repr([(one.path, one.query) for one in simulator.requests]),
    ]
    assert len(log.records) > 100
    for secret in ("marked-password", *NTLM, *tokens):
        assert [one for one in everything if secret in one] == []


def test_a_leaked_secret_would_be_found(log: AllRecords) -> None:
    """Otherwise the other test would prove nothing."""
    logger = logging.getLogger("custom_components.xprotect_events.api.http")
    secret = "a secret"
    try:
        int(secret)
    except ValueError:
        logger.debug("Failed", exc_info=True)
    logger.debug("Sent %s", {"password": secret})
    logging.getLogger("spnego._ntlm").info("step %s", secret)
    assert len([one for one in log.records if secret in one]) >= 3
