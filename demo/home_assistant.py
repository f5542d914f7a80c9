"""Home Assistant's HTTP and WebSocket API, as far as the demo needs it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
import contextlib
from http import HTTPStatus
from json import loads as json_loads
from typing import Any

import aiohttp

from .dashboard import Entity
from .errors import DemoError
from .settings import DOMAIN, Settings

# A first start on a slow machine takes half a minute; longer means it is stuck.
_START_TIMEOUT = 180.0
# Often enough not to be felt.
_POLL_INTERVAL = 0.2
# An entry that retries waits longer than this between two attempts.
_LOAD_TIMEOUT = 30.0


class _NotFoundError(DemoError):
    """Home Assistant does not have what was asked for."""


class HomeAssistant:
    """A Home Assistant on this machine, used as its first user."""

    def __init__(self, session: aiohttp.ClientSession, settings: Settings) -> None:
        """Prepare; `wait_until_it_answers` and `sign_in` come first."""
        self._session = session
        self._settings = settings
        self._client_id = f"{settings.address}/"
        self._headers: dict[str, str] = {}

    async def wait_until_it_answers(self) -> None:
        """Wait until the first requests are served."""
        async with _limit(_START_TIMEOUT, "Home Assistant does not answer"):
            while True:
                try:
                    await self._call("GET", "/manifest.json")
                except aiohttp.ClientError:
                    await asyncio.sleep(_POLL_INTERVAL)
                else:
                    return

    async def wait_until_it_runs(self) -> None:
        """Wait until everything has started, automations included."""
        async with _limit(_START_TIMEOUT, "Home Assistant does not finish its start"):
            while True:
                config = await self._call("GET", "/api/config")
                if config["state"] == "RUNNING":
                    return
                await asyncio.sleep(_POLL_INTERVAL)

    async def sign_in(self) -> None:
        """Sign in as the demo's user, who is made first on a new Home Assistant."""
        missing = await self._missing_steps()
        code = await (self._create_user() if "user" in missing else self._log_in())
        form = {
            "client_id": self._client_id,
            "grant_type": "authorization_code",
            "code": code,
        }
        token = await self._call("POST", "/auth/token", form=form)
        self._headers = {"Authorization": f"Bearer {token['access_token']}"}
        if "analytics" in missing:
            await self._call("POST", "/api/onboarding/analytics", json={})
        if "integration" in missing:
            client = {"client_id": self._client_id, "redirect_uri": self._client_id}
            await self._call("POST", "/api/onboarding/integration", json=client)

    async def set_up(self, wishes: Mapping[str, object]) -> str:
        """Set up the integration by its config flow; return the entry's id.

        An entry that works already is kept.
        """
        for entry in await self._entries():
            if await self._is_loaded(entry["entry_id"]):
                return str(entry["entry_id"])
            path = f"/api/config/config_entries/entry/{entry['entry_id']}"
            await self._call("DELETE", path)
        flows = "/api/config/config_entries/flow"
        form = await self._call("POST", flows, json={"handler": DOMAIN})
        answers = _fill_in(form["data_schema"], wishes)
        result = await self._call("POST", f"{flows}/{form['flow_id']}", json=answers)
        if result["type"] != "create_entry":
            reason = result.get("errors") or result.get("reason")
            raise DemoError(f"XProtect could not be set up: {reason}")
        entry_id = str(result["result"]["entry_id"])
        if not await self._is_loaded(entry_id):
            raise DemoError("XProtect was set up, but does not start; see the log.")
        return entry_id

    async def entities(self) -> list[Entity]:
        """Return the integration's entities, without those that are disabled."""
        entities, devices = await self.commands(
            {"type": "config/entity_registry/list"},
            {"type": "config/device_registry/list"},
        )
        device_names = {device["id"]: device["name"] for device in devices}
        return [
            Entity(
                entity_id=one["entity_id"],
                key=one["translation_key"] or "motion",
                name=one["original_name"],
                device=device_names[one["device_id"]],
            )
            for one in entities
            if one["platform"] == DOMAIN and one["disabled_by"] is None
        ]

    async def commands(self, *commands: Mapping[str, object]) -> list[Any]:
        """Send commands over the WebSocket; return their results in order."""
        address = f"{self._settings.address}/api/websocket"
        async with self._session.ws_connect(address) as socket:
            await socket.receive_json()
            token = self._headers["Authorization"].removeprefix("Bearer ")
            await socket.send_json({"type": "auth", "access_token": token})
            await socket.receive_json()
            results = []
            for number, command in enumerate(commands, start=1):
                await socket.send_json({"id": number, **command})
                reply = await socket.receive_json()
                if not reply["success"]:
                    raise DemoError(f"{command['type']}: {reply['error']['message']}.")
                results.append(reply["result"])
            return results

    async def _missing_steps(self) -> set[str]:
        """Return what is left of the onboarding."""
        try:
            steps = await self._call_for_list("GET", "/api/onboarding")
        except _NotFoundError:
            # Where nothing is left, Home Assistant does not even load it.
            return set()
        return {step["step"] for step in steps if not step["done"]}

    async def _create_user(self) -> str:
        user = {
            "client_id": self._client_id,
            "name": "Demo",
            "username": self._settings.username,
            "password": self._settings.password,
            "language": "en",
        }
        reply = await self._call("POST", "/api/onboarding/users", json=user)
        return str(reply["auth_code"])

    async def _log_in(self) -> str:
        start = {
            "client_id": self._client_id,
            "handler": ["homeassistant", None],
            "redirect_uri": self._client_id,
        }
        flow = await self._call("POST", "/auth/login_flow", json=start)
        answers = {
            "client_id": self._client_id,
            "username": self._settings.username,
            "password": self._settings.password,
        }
        path = f"/auth/login_flow/{flow['flow_id']}"
        reply = await self._call("POST", path, json=answers)
        if reply["type"] != "create_entry":
            raise DemoError(
                "The demo's user has another password now: start with --anew."
            )
        return str(reply["result"])

    async def _entries(self) -> list[dict[str, Any]]:
        path = f"/api/config/config_entries/entry?domain={DOMAIN}"
        return await self._call_for_list("GET", path)

    async def _is_loaded(self, entry_id: str) -> bool:
        """Tell whether an entry starts, waiting for one that is still about to."""
        for _ in range(int(_LOAD_TIMEOUT / _POLL_INTERVAL)):
            states = {e["entry_id"]: str(e["state"]) for e in await self._entries()}
            if (state := states[entry_id]) not in ("not_loaded", "setup_in_progress"):
                return state == "loaded"
            await asyncio.sleep(_POLL_INTERVAL)
        return False

    async def _call(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        answer: dict[str, Any]
        answer = json_loads(await self._text(method, path, json=json, data=form))
        return answer

    async def _call_for_list(
        self, method: str, path: str, *, json: Mapping[str, object] | None = None
    ) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]]
        answer = json_loads(await self._text(method, path, json=json))
        return answer

    async def _text(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None,
        data: Mapping[str, str] | None = None,
    ) -> str:
        address = f"{self._settings.address}{path}"
        async with self._session.request(
            method, address, json=json, data=data, headers=self._headers
        ) as response:
            text = await response.text()
            if response.status == HTTPStatus.NOT_FOUND:
                raise _NotFoundError(f"{method} {path} does not exist.")
            if not response.ok:
                raise DemoError(f"{method} {path}: {response.status} {text[:200]}")
            return text


def _fill_in(
    fields: list[dict[str, Any]], wishes: Mapping[str, object]
) -> dict[str, object]:
    """Answer a form as a person would who leaves alone what is preset."""
    answers: dict[str, object] = {}
    for field in fields:
        name = field["name"]
        if name in wishes:
            answers[name] = wishes[name]
        elif field.get("type") == "expandable":
            answers[name] = _fill_in(field["schema"], wishes)
        elif "default" in field:
            answers[name] = field["default"]
    return answers


@contextlib.asynccontextmanager
async def _limit(seconds: float, complaint: str) -> AsyncIterator[None]:
    """Bound a wait, and say what was waited for in vain."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise DemoError(f"{complaint}; see its log.") from None
