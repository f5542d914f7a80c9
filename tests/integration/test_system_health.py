"""System health: the state of the integration, without private data."""

import json
from pathlib import Path
from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.xprotect_events as integration
from custom_components.xprotect_events.const import CONF_CA_CERTIFICATE, DOMAIN
from tests.integration.conftest import Poll
from xprotect_simulator import ManualClock, Options, Simulator, event_ids

FOLDER = Path(integration.__file__).parent
ENGLISH = json.loads((FOLDER / "translations/en.json").read_text())
VERSION = json.loads((FOLDER / "manifest.json").read_text())["version"]


async def health(hass: HomeAssistant) -> dict[str, Any]:
    """Return the content of the page."""
    assert await async_setup_component(hass, "system_health", {})
    info = (await system_health.get_info(hass))[DOMAIN]
    assert isinstance(info, dict)
    return info


@pytest.mark.usefixtures("loaded")
async def test_a_working_site_is_reported(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """There was no event yet, which is not a problem."""
    info = await health(hass)
    assert info.pop("site_version")[:3] == "25."
    assert info == {
        "version": VERSION,
        "can_reach_server": "ok",
        "delivery": "poll",
        "last_event": "none yet",
    }
    assert simulator.requests[-1].path == "/api/.well-known/uris"


@pytest.mark.usefixtures("loaded")
async def test_every_line_has_a_name_and_no_name_of_a_line_is_unused(
    hass: HomeAssistant,
) -> None:
    """Otherwise the page would show keys."""
    assert set(await health(hass)) == set(ENGLISH["system_health"]["info"])


@pytest.mark.usefixtures("loaded")
async def test_the_last_event_has_an_age(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """At most sites a long silence means a problem."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    await poll(185)
    assert (await health(hass))["last_event"] in {"0:03:04 ago", "0:03:05 ago"}


@pytest.mark.usefixtures("loaded")
async def test_the_age_is_not_negative_after_the_servers_clock_was_set_back(
    hass: HomeAssistant, simulator: Simulator, poll: Poll
) -> None:
    """It would read "-1 day, 22:00:01 ago"."""
    simulator.world.emit(event_ids.MOTION_STARTED, simulator.world.cameras[0])
    await poll()
    simulator.faults.enable("clock_skew:-7200")
    await poll()
    await poll()
    assert (await health(hass))["last_event"].startswith("0:00:0")


async def test_an_unreachable_server_is_shown(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    loaded: MockConfigEntry,
) -> None:
    """Users look at this line first."""
    await simulator.stop()
    info = await health(hass)
    assert info["can_reach_server"] == "Failed: unreachable"
    await hass.config_entries.async_reload(loaded.entry_id)
    assert (await health(hass))["delivery"] == "down"
    del hass_storage[f"{DOMAIN}.{loaded.entry_id}.inventory"]
    await hass.config_entries.async_reload(loaded.entry_id)
    info = await health(hass)
    assert info["delivery"] == "setup_retry"
    assert info["site_version"] == "unknown"
    assert info["last_event"] == "unknown"


@pytest.mark.parametrize(
    "simulator_options", [Options(scenario="quiet", tls=True)], ids=["tls"]
)
@pytest.mark.parametrize("fault", [None, "event_server_down", "gateway_missing"])
async def test_a_certificate_that_only_the_entry_trusts_is_accepted(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, fault: str | None
) -> None:
    """Most servers have one, and Home Assistant's own check refuses it."""
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "verify_ssl": False}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    if fault:
        simulator.faults.enable(fault)
    expected = "Failed: unreachable" if fault == "gateway_missing" else "ok"
    info = await health(hass)
    assert info["can_reach_server"] == expected


@pytest.mark.parametrize(
    ("data", "fault", "expected"),
    [
        ({"verify_ssl": False}, "slow:2:count=1", "timeout"),
        ({CONF_CA_CERTIFICATE: "nonsense"}, None, "unreachable"),
    ],
)
async def test_the_cause_is_shown_without_an_address(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    data: dict[str, Any],
    fault: str | None,
    expected: str,
) -> None:
    """Users publish these lines."""
    monkeypatch.setattr(f"{integration.__name__}.system_health.REACH_TIMEOUT", 0.01)
    if fault:
        simulator.faults.enable(fault)
    hass.config_entries.async_update_entry(loaded, data={**loaded.data, **data})
    info = await health(hass)
    assert info["can_reach_server"] == f"Failed: {expected}"
    for text in info.values():
        assert "127.0.0.1" not in text
        assert loaded.title not in text
    # The answer to the cancelled request.
    await clock.advance(2)


@pytest.mark.usefixtures("loaded")
async def test_several_sites_are_shown_separately(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """An outage of one must not be hidden by the other."""
    other = MockConfigEntry(
        domain=DOMAIN,
        unique_id="other",
        data={**entry.data, "url": "http://127.0.0.1:1"},
    )
    other.add_to_hass(hass)
    info = await health(hass)
    assert info["delivery"] == "poll, not_loaded"
    assert info["last_event"] == "none yet, unknown"
    assert "unreachable" in info["can_reach_server"]
