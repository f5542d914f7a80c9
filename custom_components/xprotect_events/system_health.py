"""System health: figures that users paste into bug reports."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from homeassistant.components import system_health
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .api import ApiError, parse_address, well_known_url
from .certificates import InvalidCertificateError
from .client_factory import async_create_client
from .const import CONF_CA_CERTIFICATE, CONF_CERTIFICATE_FINGERPRINT, DOMAIN
from .runtime import XProtectConfigEntry
from .windows_support import WindowsSupportMissingError

# Seconds, like Home Assistant's own check of an address.
REACH_TIMEOUT = 5.0

type Reachability = str | dict[str, str]


@callback
def async_register(
    hass: HomeAssistant, register: system_health.SystemHealthRegistration
) -> None:
    """Register the figures."""
    register.async_register_info(
        _async_info, f"/config/integrations/integration/{DOMAIN}"
    )


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the figures of all sites, without names and addresses."""
    integration = await async_get_integration(hass, DOMAIN)
    entries: list[XProtectConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_disabled=False
    )
    return {
        "version": str(integration.version),
        "site_version": ", ".join(_site_version(entry) for entry in entries),
        "can_reach_server": _can_reach_all(hass, entries),
        "delivery": ", ".join(_delivery(entry) for entry in entries),
        "last_event": ", ".join(_age_of_last_event(entry) for entry in entries),
    }


def _site_version(entry: XProtectConfigEntry) -> str:
    if entry.state is not ConfigEntryState.LOADED:
        return "unknown"
    site = entry.runtime_data.inventory.data.site
    return site.version or "unknown"


def _delivery(entry: XProtectConfigEntry) -> str:
    if entry.state is not ConfigEntryState.LOADED:
        return str(entry.state.value)
    return entry.runtime_data.channels.mode.value


def _age_of_last_event(entry: XProtectConfigEntry) -> str:
    if entry.state is not ConfigEntryState.LOADED:
        return "unknown"
    runtime = entry.runtime_data
    if not runtime.statistics.last:
        return "none yet"
    age = runtime.client.clock.now() - runtime.statistics.last[-1].arrived_at
    # It is negative after the server's clock was set back.
    return f"{timedelta(seconds=max(0, int(age.total_seconds())))} ago"


async def _can_reach_all(
    hass: HomeAssistant, entries: Sequence[XProtectConfigEntry]
) -> Reachability:
    found = await asyncio.gather(*(_can_reach(hass, entry) for entry in entries))
    return next((one for one in found if one != "ok"), "ok")


async def _can_reach(hass: HomeAssistant, entry: XProtectConfigEntry) -> Reachability:
    has_own_trust = CONF_CA_CERTIFICATE in entry.data or (
        CONF_CERTIFICATE_FINGERPRINT in entry.data
    )
    if entry.data[CONF_VERIFY_SSL] and not has_own_trust:
        url = well_known_url(parse_address(entry.data[CONF_URL]))
        return await system_health.async_check_can_reach_url(hass, str(url))
    # Home Assistant's own check trusts only public authorities.
    try:
        client = await async_create_client(hass, entry.data)
        async with asyncio.timeout(REACH_TIMEOUT):
            await client.configuration.gateway()
    except TimeoutError:
        return {"type": "failed", "error": "timeout"}
    except ApiError, InvalidCertificateError, WindowsSupportMissingError:
        return {"type": "failed", "error": "unreachable"}
    return "ok"
