"""Home Assistant's HTTP and WebSocket API, as far as the demo needs it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
import contextlib
from http import HTTPStatus
from json import loads as json_loads
from typing import Any

import aiohttp

from .dashboard import Entity
from .errors import DemoError
from .settings import Settings

# A first start on a slow machine takes half a minute; longer means it is stuck.
_START_TIMEOUT = 180.0
# Seconds; too short to be noticed.
_POLL_INTERVAL = 0.2


class _NotFoundError(DemoError):
    """Home Assistant does not have the requested object."""


class HomeAssistant:
    """A Home Assistant on this machine, used as its first user."""

    def __init__(self, session: aiohttp.ClientSession, settings: Settings) -> None:
        """Prepare; `wait_until_it_answers` and `sign_in` come first."""
        self._session = session
        self._settings = settings
        self._client_id = f"{settings.address}/"
        self._headers: dict[str, str] = {}
        self._refresh_token = ""

    async def wait_until_it_answers(self) -> None:
        """Wait until the first requests are served."""
        async with _limit(_START_TIMEOUT, "Home Assistant does not answer"):
            while True:
                try:
                    await self.call("GET", "/manifest.json")
                # The port is open a moment before the frontend adds this page.
                except aiohttp.ClientError, _NotFoundError:
                    await asyncio.sleep(_POLL_INTERVAL)
                else:
                    return

    async def wait_until_it_runs(self) -> None:
        """Wait until everything has started, automations included."""
        async with _limit(_START_TIMEOUT, "Home Assistant does not finish its start"):
            while True:
                config = await self.call("GET", "/api/config")
                if config["state"] == "RUNNING":
                    return
                await asyncio.sleep(_POLL_INTERVAL)

    async def sign_in(self) -> None:
        """Sign in as the demo's user, who is created first on a new Home Assistant."""
        missing = await self._missing_steps()
        code = await (self._create_user() if "user" in missing else self._log_in())
        form = {
            "client_id": self._client_id,
            "grant_type": "authorization_code",
            "code": code,
        }
        token = await self.call("POST", "/auth/token", form=form)
        self._refresh_token = str(token["refresh_token"])
        self._headers = {"Authorization": f"Bearer {token['access_token']}"}
        if "analytics" in missing:
            await self.call("POST", "/api/onboarding/analytics", json={})
        if "integration" in missing:
            client = {"client_id": self._client_id, "redirect_uri": self._client_id}
            await self.call("POST", "/api/onboarding/integration", json=client)

    async def entities(self, entry_id: str) -> list[Entity]:
        """Return the entities of an entry, without those that are disabled."""
        entities, devices = await self.commands(
            {"type": "config/entity_registry/list"},
            {"type": "config/device_registry/list"},
        )
        device_names = {device["id"]: device["name"] for device in devices}
        return [
            Entity(
                entity_id=one["entity_id"],
                key=_key(one),
                name=one["original_name"],
                device=device_names[one["device_id"]],
            )
            for one in entities
            if one["config_entry_id"] == entry_id and one["disabled_by"] is None
        ]

    async def state(self, entity_id: str) -> dict[str, Any]:
        """Return the state of an entity, with its attributes."""
        return await self.call("GET", f"/api/states/{entity_id}")

    async def set_state(
        self, entity_id: str, state: str, attributes: Mapping[str, object]
    ) -> None:
        """Show a state that no integration has."""
        body = {"state": state, "attributes": attributes}
        await self.call("POST", f"/api/states/{entity_id}", json=body)

    @contextlib.asynccontextmanager
    async def listening(
        self, event_types: Sequence[str]
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Yield the data of every bus event of these types from now on.

        It ends when Home Assistant ends the connection.
        """
        async with self.connected() as socket:
            for number, event_type in enumerate(event_types, start=1):
                command = {"type": "subscribe_events", "event_type": event_type}
                await socket.send_json({"id": number, **command})
            yield _events(socket)

    async def commands(self, *commands: Mapping[str, object]) -> list[Any]:
        """Send WebSocket commands; return the results in order. Raises `DemoError`."""
        async with self.connected() as socket:
            results = []
            for number, command in enumerate(commands, start=1):
                await socket.send_json({"id": number, **command})
                reply = await socket.receive_json()
                if not reply["success"]:
                    raise DemoError(f"{command['type']}: {reply['error']['message']}.")
                results.append(reply["result"])
            return results

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Open a WebSocket and sign in; it closes with the context."""
        address = f"{self._settings.address}/api/websocket"
        async with self._session.ws_connect(address, max_msg_size=0) as socket:
            await socket.receive_json()
            token = self._headers["Authorization"].removeprefix("Bearer ")
            await socket.send_json({"type": "auth", "access_token": token})
            await socket.receive_json()
            yield socket

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Send a request whose answer is an object. Raises `DemoError`."""
        answer: dict[str, Any]
        answer = json_loads(await self._text(method, path, json=json, data=form))
        return answer

    async def call_for_list(self, method: str, path: str) -> list[dict[str, Any]]:
        """Send a request whose answer is an array. Raises `DemoError`."""
        answer: list[dict[str, Any]]
        answer = json_loads(await self._text(method, path, json=None))
        return answer

    async def _missing_steps(self) -> set[str]:
        """Return what is left of the onboarding."""
        try:
            steps = await self.call_for_list("GET", "/api/onboarding")
        except _NotFoundError:
            # If nothing is left, Home Assistant does not even load the onboarding.
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
        reply = await self.call("POST", "/api/onboarding/users", json=user)
        return str(reply["auth_code"])

    async def _log_in(self) -> str:
        start = {
            "client_id": self._client_id,
            "handler": ["homeassistant", None],
            "redirect_uri": self._client_id,
        }
        flow = await self.call("POST", "/auth/login_flow", json=start)
        answers = {
            "client_id": self._client_id,
            "username": self._settings.username,
            "password": self._settings.password,
        }
        path = f"/auth/login_flow/{flow['flow_id']}"
        reply = await self.call("POST", path, json=answers)
        if reply["type"] != "create_entry":
            raise DemoError(
                "The demo's user has another password now: start with --reset."
            )
        return str(reply["result"])

    async def _text(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None,
        data: Mapping[str, str] | None = None,
    ) -> str:
        status, text = await self._send(method, path, json=json, data=data)
        if status == HTTPStatus.UNAUTHORIZED and self._headers:
            await self._renew()
            status, text = await self._send(method, path, json=json, data=data)
        if status == HTTPStatus.NOT_FOUND:
            raise _NotFoundError(f"{method} {path} does not exist.")
        if status >= HTTPStatus.BAD_REQUEST:
            raise DemoError(f"{method} {path}: {status} {text[:200]}")
        return text

    async def _send(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None,
        data: Mapping[str, str] | None,
    ) -> tuple[int, str]:
        address = f"{self._settings.address}{path}"
        async with self._session.request(
            method, address, json=json, data=data, headers=self._headers
        ) as response:
            return response.status, await response.text()

    async def _renew(self) -> None:
        """Get a new token; a token is valid for half an hour."""
        self._headers = {}
        form = {
            "client_id": self._client_id,
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_token,
        }
        token = await self.call("POST", "/auth/token", form=form)
        self._headers = {"Authorization": f"Bearer {token['access_token']}"}


def _key(entity: Mapping[str, Any]) -> str:
    """Return the dashboard's key of an entity, which may lack a translation key."""
    is_camera = str(entity["entity_id"]).startswith("camera.")
    return entity["translation_key"] or ("camera" if is_camera else "motion")


async def _events(
    socket: aiohttp.ClientWebSocketResponse,
) -> AsyncIterator[dict[str, Any]]:
    async for message in socket:
        reply = message.json()
        if reply["type"] == "event":
            yield reply["event"]["data"]


@contextlib.asynccontextmanager
async def _limit(seconds: float, complaint: str) -> AsyncIterator[None]:
    """Limit the time of a wait, with a message that contains what did not happen."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise DemoError(f"{complaint}; see its log.") from None
