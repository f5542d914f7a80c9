"""A plain HTTP client that sends exactly what a test specifies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from typing import Any

import aiohttp

from xprotect_simulator import Simulator

REST = "/api/rest/v1"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response: status, headers and body."""

    status: int
    headers: Mapping[str, str]
    text: str
    is_json: bool
    body: Any = None

    @property
    def error_text(self) -> str:
        """The text of the first error in the envelope."""
        text: str = self.body["error"]["details"][0]["errorText"]
        return text


@dataclass(kw_only=True)
class Client:
    """Calls one simulator; after `sign_in` with a token."""

    sim: Simulator
    http: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request, and follow no redirect."""
        async with self.http.request(
            method,
            self.sim.url + path,
            params=query,
            json=body,
            data=form,
            headers=self.headers,
            allow_redirects=False,
        ) as response:
            text = await response.text()
            is_json = response.content_type == "application/json"
            return Answer(
                status=response.status,
                headers=response.headers,
                text=text,
                is_json=is_json,
                body=json.loads(text) if is_json else None,
            )

    async def token(
        self,
        username: str = "demo",
        password: str = "demo",
        path: str = "/idp/connect/token",
        **form: str,
    ) -> Answer:
        """Request a token by password."""
        return await self.call(
            "POST",
            path,
            form={
                "grant_type": "password",
                "username": username,
                "password": password,
                "client_id": "GrantValidatorClient",
                **form,
            },
        )

    async def sign_in(self, username: str = "demo", password: str = "demo") -> None:
        """Use a fresh token from now on."""
        self.use((await self.token(username, password)).body["access_token"])

    def use(self, token: str) -> None:
        """Use this token from now on."""
        self.headers["Authorization"] = f"Bearer {token}"

    async def sign_in_as_service(self) -> None:
        """From now on, use a token that belongs to no user."""
        answer = await self.call(
            "POST",
            "/IDP/connect/token",
            form={
                "grant_type": "client_credentials",
                "client_id": self.sim.options.service_client_id,
                "client_secret": self.sim.options.service_client_secret,
            },
        )
        self.use(answer.body["access_token"])

    async def get(self, resource: str, **query: str) -> Answer:
        """Read below /api/rest/v1; `source_id` stands for `source.id`."""
        named = {name.replace("_", "."): value for name, value in query.items()}
        return await self.call("GET", f"{REST}/{resource}", query=named)

    async def post(self, resource: str, body: object) -> Answer:
        """Write below /api/rest/v1."""
        return await self.call("POST", f"{REST}/{resource}", body)

    async def create_session(
        self, filter_by: object = None, order_by: object = None
    ) -> str:
        """Create an event session and return its id."""
        answer = await self.post(
            "eventSessions",
            {
                "filterBy": [] if filter_by is None else filter_by,
                "orderBy": [] if order_by is None else order_by,
            },
        )
        assert answer.status == 201, answer.text
        session_id: str = answer.body["id"]
        return session_id

    async def read_session(self, session_id: str, **query: str) -> list[str]:
        """Return the ids that were added since the last read."""
        answer = await self.get(f"eventSessions/{session_id}/events", **query)
        assert answer.status == 200, answer.text
        return [event["id"] for event in answer.body["data"]["addedToSession"]]
