"""Home Assistant and the simulator, as programs, which the tests look at."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
import contextlib
from dataclasses import replace
import json
from pathlib import Path
import shutil
import socket
from typing import Any, Final

import aiohttp

from demo import config_folder
from demo.dashboard import Entity
from demo.home_assistant import HomeAssistant
from demo.servers import run_home_assistant, run_simulator
from demo.settings import DOMAIN, HOST, REPOSITORY, Settings
from demo.watching import Watcher
from xprotect_simulator.identifiers import guid_of

FOLDER: Final = REPOSITORY / "browser-run"

# Seconds; a page may be slow on a busy machine, but not slower than this.
PATIENCE: Final = 30.0

_TRANSLATIONS = REPOSITORY / "custom_components" / DOMAIN / "translations"
_SEED = 1


def camera(number: int) -> str:
    """Return the source of a camera of the simulated site, 0 is the front door."""
    return f"cameras/{guid_of(_SEED, 'cameras', number)}"


def user_defined_event(name: str) -> str:
    """Return the type of a user-defined event of the simulated site."""
    return guid_of(_SEED, "userDefinedEvents", name)


def analytics_event(name: str) -> str:
    """Return the type of an analytics event of the simulated site."""
    return guid_of(_SEED, "analyticsEvents", name)


def output(number: int) -> str:
    """Return the source of an output of the simulated site, 0 is the siren."""
    return f"outputs/{guid_of(_SEED, 'outputs', number)}"


def texts(language: str) -> dict[str, str]:
    """Return all texts of the integration by their places in the translations."""
    return _flat(json.loads((_TRANSLATIONS / f"{language}.json").read_text("utf-8")))


def text(key: str, language: str = "en") -> str:
    """Return a text of the integration by its place in the translations."""
    return texts(language)[key]


def _flat(tree: Mapping[str, Any], above: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, str):
            flat[above + key] = value
        else:
            flat |= _flat(value, f"{above}{key}.")
    return flat


class House:
    """Changes Home Assistant and XProtect while a person uses the page."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        home_assistant: HomeAssistant,
        settings: Settings,
    ) -> None:
        """Use programs that are already running."""
        self.home_assistant = home_assistant
        self.settings = settings
        self._session = session

    @property
    def site_id(self) -> str:
        """The id of the simulated site."""
        return guid_of(_SEED, "site")

    @property
    def site(self) -> dict[str, str]:
        """The input that sets up the simulated site."""
        return {
            "url": self.settings.simulator_address,
            "username": self.settings.username,
            "password": self.settings.password,
        }

    async def control_simulator(self, act: str, **body: object) -> dict[str, Any]:
        """Use the simulator's control interface; return what it answers."""
        address = f"{self.settings.simulator_address}/simulator/{act}"
        async with self._session.post(address, json=body) as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json()
        return answer

    async def ask_simulator(self, what: str) -> dict[str, Any]:
        """Read from the simulator's control interface."""
        address = f"{self.settings.simulator_address}/simulator/{what}"
        async with self._session.get(address) as response:
            answer: dict[str, Any] = await response.json()
        return answer

    async def clear_faults(self, fault: str = "") -> None:
        """Switch off a fault of the simulator, or all of them."""
        address = f"{self.settings.simulator_address}/simulator/faults/{fault}"
        async with self._session.delete(address) as response:
            response.raise_for_status()

    async def happen(self, type_id: str, source: str | None = None) -> dict[str, Any]:
        """Create an event in XProtect; return it."""
        answer = await self.control_simulator("events", type=type_id, source=source)
        event: dict[str, Any] = answer["data"]
        return event

    async def happened(self, source: str) -> list[str]:
        """Return the types of all events that a source has had in XProtect."""
        address = f"{self.settings.simulator_address}/simulator/ledger"
        async with self._session.get(address) as response:
            rows = (await response.json())["array"]
        return [one["type"] for one in rows if one["source"] == source]

    async def delete_event(self, name: str) -> None:
        """Delete a user-defined event in XProtect."""
        server = self.settings.simulator_address
        form = {
            "grant_type": "client_credentials",
            "client_id": "simulator-service",
            "client_secret": "simulator-secret",
        }
        async with self._session.post(f"{server}/IDP/connect/token", data=form) as got:
            token = (await got.json())["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        events = f"{server}/api/rest/v1/userDefinedEvents"
        async with self._session.get(events, headers=headers) as got:
            known = {
                one["displayName"]: one["id"] for one in (await got.json())["array"]
            }
        address = f"{events}/{known[name]}"
        async with self._session.delete(address, headers=headers) as got:
            got.raise_for_status()

    @contextlib.asynccontextmanager
    async def watched(
        self, entry_id: str, entities: Sequence[Entity]
    ) -> AsyncIterator[None]:
        """Make the demo count the events of both sides, and show the numbers."""
        parts = (self.home_assistant, self._session, self.settings)
        watching = asyncio.create_task(Watcher(*parts, entry_id, entities).run())
        try:
            yield
        finally:
            watching.cancel()

    @contextlib.asynccontextmanager
    async def other_site(self, *arguments: str) -> AsyncIterator[dict[str, str]]:
        """Simulate another site; yields its address without a scheme."""
        port = _free_port()
        settings = replace(
            self.settings,
            simulator_port=port,
            simulator_arguments=("--scenario", "still", "--seed", "2", *arguments),
            folder=FOLDER / "other",
        )
        async with run_simulator(settings) as simulator:
            await simulator.answers(port)
            yield self.site | {"url": f"localhost:{port}"}

    async def automate(self, blueprint: str, **inputs: object) -> None:
        """Create or change an automation from one of the blueprints.

        The inputs have to be variables of the blueprint, too.
        """
        path = f"/api/config/automation/config/{blueprint}"
        use = {"path": f"{DOMAIN}/{blueprint}.yaml", "input": inputs}
        body = {"alias": blueprint, "use_blueprint": use}
        await self.home_assistant.call("POST", path, json=body)

        async def runs() -> bool:
            for one in await self.ask("get_states"):
                if one["attributes"].get("id") == blueprint:
                    entity_id = one["entity_id"]
                    got = await self.ask("automation/config", entity_id=entity_id)
                    known: dict[str, object] = got["config"]["variables"]
                    return inputs.items() <= known.items()
            return False

        # The answer comes before the automation is loaded.
        await self.until(runs)

    async def forget(self, blueprint: str) -> None:
        """Remove the automation of a blueprint."""
        path = f"/api/config/automation/config/{blueprint}"
        await self.home_assistant.call("DELETE", path)

    async def ask(self, command: str, **fields: object) -> Any:  # noqa: ANN401 - JSON
        """Send one command over Home Assistant's WebSocket."""
        (result,) = await self.home_assistant.commands({"type": command, **fields})
        return result

    async def state(self, entity_id: str) -> dict[str, Any]:
        """Return the state of an entity, with its attributes."""
        states: list[dict[str, Any]] = await self.ask("get_states")
        return next(one for one in states if one["entity_id"] == entity_id)

    async def until_proven(self, *, happened: int) -> dict[str, Any]:
        """Wait until the demo has counted so many events; return its numbers."""
        async with asyncio.timeout(PATIENCE):
            while True:
                numbers: dict[str, Any]
                numbers = (await self.state("sensor.xprotect_proof"))["attributes"]
                if numbers["happened"] >= happened:
                    return numbers
                await asyncio.sleep(0.2)

    async def entries(self) -> list[dict[str, Any]]:
        """Return the config entries of the integration."""
        entries: list[dict[str, Any]]
        entries = await self.ask("config_entries/get", domain=DOMAIN)
        return entries

    def frontend_text(self, key: str, language: str) -> str:
        """Return a text of Home Assistant's own settings pages."""
        folder = self.settings.packages / "hass_frontend/static/translations/config"
        (path,) = folder.glob(f"{language}-????????????????????????????????.json")
        words = _flat(json.loads(path.read_text("utf-8")))
        return words[f"ui.panel.config.{key}"]

    async def set_language(self, language: str) -> None:
        """Set the language of pages and of the names of entities."""
        await self.ask("config/core/update", language=language)
        value = {"language": language, "number_format": "language"}
        await self.ask("frontend/set_user_data", key="language", value=value)
        for entry in await self.entries():
            await self.reload(entry["entry_id"])

    async def reload(self, entry_id: str) -> None:
        """Load an entry again."""
        await self.ask(
            "call_service",
            domain="homeassistant",
            service="reload_config_entry",
            service_data={"entry_id": entry_id},
        )

    async def until(self, is_so: Callable[[], Awaitable[bool]]) -> None:
        """Wait for a condition that no page shows."""
        async with asyncio.timeout(PATIENCE):
            while not await is_so():  # noqa: ASYNC110 - it is in another process
                await asyncio.sleep(0.1)

    async def until_state(self, entity_id: str, state: str) -> None:
        """Wait until an entity has a state."""

        async def has_it() -> bool:
            # It may not be there yet, while the entry is loaded again.
            states: list[dict[str, Any]] = await self.ask("get_states")
            return any(
                (one["entity_id"], one["state"]) == (entity_id, state) for one in states
            )

        await self.until(has_it)


@contextlib.asynccontextmanager
async def living(programs: Path, scenario: str) -> AsyncIterator[House]:
    """Start both programs with nothing set up, and keep their logs."""
    shutil.rmtree(FOLDER / "config", ignore_errors=True)
    settings = Settings(
        port=_free_port(),
        simulator_port=_free_port(),
        simulator_arguments=("--scenario", scenario, "--seed", str(_SEED)),
        folder=FOLDER,
        programs=programs,
    )
    config_folder.write(settings)
    async with (
        run_simulator(settings) as simulator,
        run_home_assistant(settings),
        aiohttp.ClientSession() as session,
    ):
        await simulator.answers(settings.simulator_port)
        home_assistant = HomeAssistant(session, settings)
        await home_assistant.wait_until_it_answers()
        await home_assistant.sign_in()
        await home_assistant.wait_until_it_runs()
        yield House(session, home_assistant, settings)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
