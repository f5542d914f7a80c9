"""Counts the events of both sides, and shows the figures on the dashboard."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
import contextlib
from dataclasses import asdict
from datetime import UTC, datetime
import time
from typing import Any

import aiohttp

from .configuration import LAST_EVENTS, MISSED_EVENTS, PROOF
from .dashboard import Entity
from .errors import DemoError
from .home_assistant import HomeAssistant
from .proof import Proof
from .settings import DOMAIN, Settings

# Seconds between two updates; each is sent to every open page.
_INTERVAL = 1.0

_BUS_EVENTS = (f"{DOMAIN}_event", f"{DOMAIN}_missed_event")
_DELIVERING = ("push", "poll")


class Watcher:
    """Compares the simulator's ledger with Home Assistant's bus."""

    def __init__(
        self,
        home_assistant: HomeAssistant,
        session: aiohttp.ClientSession,
        settings: Settings,
        entry_id: str,
        entities: Sequence[Entity],
    ) -> None:
        """Watch one entry; `run` does the work."""
        self._home_assistant = home_assistant
        self._session = session
        self._ledger = f"{settings.simulator_address}/simulator/ledger"
        self._entry_id = entry_id
        self._delivery = next(e.entity_id for e in entities if e.key == "delivery")
        self._read = 0
        self._shown: dict[str, tuple[str, Mapping[str, object]]] = {}

    async def run(self) -> None:
        """Count and show until cancelled; start again when a connection is lost."""
        while True:
            # Home Assistant may be restarting, which the caller notices.
            with contextlib.suppress(aiohttp.ClientError, DemoError):
                async with self._home_assistant.listening(_BUS_EVENTS) as events:
                    # Earlier events do not count.
                    await self._new_rows()
                    await self._count(events)
            await asyncio.sleep(_INTERVAL)

    async def _count(self, events: AsyncIterator[dict[str, Any]]) -> None:
        """Return when Home Assistant ends the connection."""
        proof = Proof()
        showing = asyncio.create_task(self._show(proof))
        try:
            async for event in events:
                if event["entry_id"] == self._entry_id:
                    proof.arrive(event)
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)

    async def _show(self, proof: Proof) -> None:
        while True:
            # Home Assistant may be stopping, or the simulator may be too busy.
            with contextlib.suppress(aiohttp.ClientError, DemoError):
                proof.happen(await self._new_rows(), time.monotonic())
                await self._show_all(proof)
            await asyncio.sleep(_INTERVAL)

    async def _show_all(self, proof: Proof) -> None:
        state = await self._home_assistant.state(self._delivery)
        is_delivering = state["state"] in _DELIVERING
        numbers = proof.numbers(time.monotonic(), is_delivering=is_delivering)
        next_attempt = state["attributes"]["next_attempt"]
        left = _left(next_attempt if state["state"] == "down" else None)
        rows, missed = list(proof.rows), list(proof.missed_rows)
        newest = rows[0]["type"] if rows else "-"
        await self._show_one(PROOF, numbers.lost, left | asdict(numbers))
        await self._show_one(LAST_EVENTS, newest, {"events": rows})
        await self._show_one(MISSED_EVENTS, numbers.missed, {"events": missed})

    async def _new_rows(self) -> list[str]:
        """Return the ids of the events stored since the last call."""
        found: list[str] = []
        rows: list[dict[str, object]] | None = None
        while rows is None or rows:
            query = {"after": str(self._read)}
            async with self._session.get(self._ledger, params=query) as response:
                rows = (await response.json())["array"]
            self._read += len(rows)
            found += [str(row["id"]) for row in rows if row["isStored"]]
        return found

    async def _show_one(
        self, entity_id: str, state: object, attributes: Mapping[str, object]
    ) -> None:
        # Home Assistant accepts states of at most 255 characters.
        shown = (str(state)[:255], attributes)
        if self._shown.get(entity_id) != shown:
            await self._home_assistant.set_state(entity_id, *shown)
            self._shown[entity_id] = shown


def _left(next_attempt: str | None) -> dict[str, object]:
    """Return the seconds until the next attempt; templates cannot count down."""
    if next_attempt is None:
        return {"next_attempt_in": None}
    left = datetime.fromisoformat(next_attempt) - datetime.now(UTC)
    return {"next_attempt_in": max(0, round(left.total_seconds()))}
