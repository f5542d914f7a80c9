"""Creates and repairs the integration's entry in Home Assistant, as a user would."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

from .errors import DemoError
from .home_assistant import HomeAssistant
from .settings import DOMAIN, Settings

_ENTRIES = f"/api/config/config_entries/entry?domain={DOMAIN}"
_FLOWS = "/api/config/config_entries/flow"
_OPTIONS = "/api/config/config_entries/options/flow"

# Options that are off by default, and worth seeing.
ALL_ON = {
    "pictures": "recorders",
    "live_view": True,
    "switch_outputs": True,
    "alarms": True,
}

# Seconds. An entry that is retried waits longer than this between two attempts.
_LOAD_TIMEOUT = 30.0
_ON_THE_WAY = ("not_loaded", "setup_in_progress", "unload_in_progress")

# Seconds; too short to be noticed.
_POLL_INTERVAL = 0.2


async def read_site_id(session: aiohttp.ClientSession, settings: Settings) -> str:
    """Return the id of the simulated site, which is the unique id of its entry."""
    origin = settings.simulator_address
    form = {
        "grant_type": "password",
        "client_id": "GrantValidatorClient",
        "username": settings.username,
        "password": settings.password,
    }
    async with session.post(f"{origin}/IDP/connect/token", data=form) as response:
        token = (await response.json())["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    async with session.get(f"{origin}/api/rest/v1/sites", headers=headers) as response:
        return str((await response.json())["array"][0]["id"]).lower()


async def set_up(
    home_assistant: HomeAssistant, site_id: str, wanted: Mapping[str, object]
) -> str:
    """Return the id of the site's entry once it works. Raises `DemoError`.

    It is created by the integration's form if there is none, and reconfigured if it has
    another address. Other entries stay unchanged. `wanted` are answers to fields of the
    form.
    """
    entry_id = await _entry_of(home_assistant, site_id)
    if entry_id is None:
        form = await home_assistant.call("POST", _FLOWS, json={"handler": DOMAIN})
        result = await _send(home_assistant, form, wanted)
        entry_id = str(result["result"]["entry_id"])
        await choose(home_assistant, entry_id, ALL_ON)
    else:
        start = {"handler": DOMAIN, "entry_id": entry_id}
        form = await home_assistant.call("POST", _FLOWS, json=start)
        if _shown(form, "url") == wanted["url"]:
            await home_assistant.call("DELETE", f"{_FLOWS}/{form['flow_id']}")
        else:
            await _send(home_assistant, form, wanted)
    if not await _is_loaded(home_assistant, entry_id):
        raise DemoError(
            "The demo's entry does not start: look into Home Assistant's log, or start"
            " with --reset."
        )
    return entry_id


async def choose(
    home_assistant: HomeAssistant, entry_id: str, wanted: Mapping[str, object]
) -> None:
    """Answer fields of the options; the rest keeps its presets. Raises `DemoError`."""
    if not await _is_loaded(home_assistant, entry_id):
        return
    form = await home_assistant.call("POST", _OPTIONS, json={"handler": entry_id})
    answers = _answers(form["data_schema"], wanted)
    path = f"{_OPTIONS}/{form['flow_id']}"
    result = await home_assistant.call("POST", path, json=answers)
    if result["type"] != "create_entry":
        raise DemoError(
            "The demo gets no pictures: a port of the simulator's recording servers"
            " cannot be reached on this machine."
        )


async def _entry_of(home_assistant: HomeAssistant, site_id: str) -> str | None:
    """Find the entry by the device of the server, because its title may be changed."""
    (devices,) = await home_assistant.commands({"type": "config/device_registry/list"})
    for device in devices:
        if [DOMAIN, site_id] in device["identifiers"]:
            return str(device["config_entries"][0])
    return None


def _shown(form: Mapping[str, Any], name: str) -> object:
    """Return the initial value of a field of a form."""
    for field in form["data_schema"]:
        if field["name"] == name:
            suggested = (field.get("description") or {}).get("suggested_value")
            return field.get("default", suggested)
    return None


async def _send(
    home_assistant: HomeAssistant, form: Mapping[str, Any], wanted: Mapping[str, object]
) -> dict[str, Any]:
    """Fill in a form and send it. Raises `DemoError` with the form's error."""
    answers = _answers(form["data_schema"], wanted)
    path = f"{_FLOWS}/{form['flow_id']}"
    result = await home_assistant.call("POST", path, json=answers)
    if result["type"] == "form" and result["step_id"] == "areas":
        # Areas are chosen by users who know the building.
        result = await home_assistant.call("POST", path, json={})
    reason = str(result.get("reason", ""))
    if result["type"] == "create_entry" or reason.endswith("_successful"):
        return result
    errors = (result.get("errors") or {}).values()
    reason_text = ", ".join(map(str, errors)) or reason
    raise DemoError(
        f"The demo's site could not be set up ({reason_text}): start with --reset, or"
        " look into docs/troubleshooting.md."
    )


def _answers(
    fields: list[dict[str, Any]], wanted: Mapping[str, object]
) -> dict[str, object]:
    """Answer a form, and keep all other presets."""
    answers: dict[str, object] = {}
    for field in fields:
        name = field["name"]
        if name in wanted:
            answers[name] = wanted[name]
        elif field.get("type") == "expandable":
            answers[name] = _answers(field["schema"], wanted)
        elif "default" in field:
            answers[name] = field["default"]
    return answers


async def _is_loaded(home_assistant: HomeAssistant, entry_id: str) -> bool:
    """Wait until an entry has started; return whether it works."""
    for _ in range(int(_LOAD_TIMEOUT / _POLL_INTERVAL)):
        entries = await home_assistant.call_for_list("GET", _ENTRIES)
        (state,) = (e["state"] for e in entries if e["entry_id"] == entry_id)
        if state not in _ON_THE_WAY:
            return bool(state == "loaded")
        await asyncio.sleep(_POLL_INTERVAL)
    return False
