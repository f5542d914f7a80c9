"""Filling in the forms of repairs."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from custom_components.xprotect_events.const import DOMAIN


async def open_repair(hass: HomeAssistant, issue_id: str) -> dict[str, Any]:
    """Press the button of an issue, and return the first page."""
    assert await async_setup_component(hass, "repairs", {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return dict(await manager.async_init(DOMAIN, context={"issue_id": issue_id}))


async def submit_repair(
    hass: HomeAssistant, page: Mapping[str, Any], answer: dict[str, Any] | None
) -> dict[str, Any]:
    """Submit a page, or load it again without an answer; return the next page."""
    manager = repairs_flow_manager(hass)
    assert manager is not None
    following = await manager.async_configure(page["flow_id"], answer)
    await hass.async_block_till_done(wait_background_tasks=True)
    return dict(following)
