"""Stores the lists of a site on disk, so that a start need not wait for them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from functools import cache
import logging
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .api import (
    AnalyticsEvent,
    Device,
    EffectivePermissions,
    EventType,
    Hardware,
    RecordingServer,
    Resource,
    Site,
    StateGroup,
    UserDefinedEvent,
)
from .const import DOMAIN, UNREADABLE
from .engine.groups import DeviceGroup
from .engine.inventory import SiteInventory
from .engine.rights import Ability, Rights

_LOGGER = logging.getLogger(__name__)

VERSION = 1


class InventoryStore:
    """Stores the last reading of one config entry's site."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(
            hass,
            VERSION,
            f"{DOMAIN}.{entry_id}.inventory",
            private=True,
            serialize_in_event_loop=False,
        )
        self._saved: SiteInventory | None = None

    async def load(self, site_id: str | None) -> SiteInventory | None:
        """Return the last reading of the site with this GUID, or `None`."""
        try:
            stored = await self._store.async_load()
            # In a thread, because a large site has 20,000 rows.
            inventory = (
                None
                if stored is None
                else await self._hass.async_add_executor_job(_decode, stored)
            )
        except UNREADABLE:
            # For example after an update that has added a field.
            _LOGGER.debug("The stored lists are not usable; the site is read first")
            return None
        if inventory is None or inventory.site.id != site_id:
            return None
        self._saved = inventory
        return inventory

    async def save(self, inventory: SiteInventory) -> None:
        """Save a reading unless the file has it already."""
        if inventory != self._saved:
            self._saved = inventory
            await self._store.async_save(_encode(inventory))

    async def remove(self) -> None:
        """Delete the file, of a removed config entry or of another site."""
        self._saved = None
        await self._store.async_remove()


def _encode(inventory: SiteInventory) -> dict[str, Any]:
    """Return the lists; Home Assistant writes dataclasses, but no sets."""
    lists = {one.name: getattr(inventory, one.name) for one in fields(inventory)}
    lists["rights"] = inventory.rights and asdict(inventory.rights)
    return {name: _without_sets(value) for name, value in lists.items()}


def _without_sets(value: object) -> object:
    """Write sets as lists; all are of texts, and JSON has none."""
    if isinstance(value, dict):
        return {name: _without_sets(part) for name, part in value.items()}
    return sorted(value) if isinstance(value, frozenset) else value


def _decode(stored: Mapping[str, Any]) -> SiteInventory:
    """Return the inventory of the data by `_encode`.

    Raises `KeyError`, `TypeError`, `ValueError` or `AttributeError` for other data.
    """
    inventory = SiteInventory(
        site=Site(**stored["site"]),
        recording_servers=_rows(RecordingServer, stored["recording_servers"]),
        hardware=_rows(Hardware, stored["hardware"]),
        devices=tuple(
            Device(**{**row, "resource": Resource(row["resource"])})
            for row in stored["devices"]
        ),
        event_types=_rows(EventType, stored["event_types"]),
        state_groups=_rows(StateGroup, stored["state_groups"]),
        user_defined_events=_rows(UserDefinedEvent, stored["user_defined_events"]),
        analytics_events=_rows(AnalyticsEvent, stored["analytics_events"]),
        unreadable=frozenset(stored["unreadable"]),
        forbidden=frozenset(stored["forbidden"]),
        hides_disabled=stored["hides_disabled"],
        rights=_rights(stored["rights"]),
        groups=_rows(DeviceGroup, stored.get("groups", ())),
    )
    if not _is(inventory, SiteInventory):
        raise TypeError("A value is of another type")
    return inventory


def _is(value: object, hint: Any) -> bool:  # noqa: ANN401 - what a field may have
    """Whether a value is of a field's type, and so is all that it has."""
    arguments = get_args(hint)
    match get_origin(hint):
        case origin if origin is UnionType:
            return any(_is(value, one) for one in arguments)
        case origin if origin is Mapping:
            if not isinstance(value, dict):
                return False
            key, item = arguments
            return all(_is(a, key) and _is(b, item) for a, b in value.items())
        case None if is_dataclass(hint):
            return type(value) is hint and all(
                _is(getattr(value, name), one) for name, one in _hints(hint).items()
            )
        case None:
            # `True` is an `int` for `isinstance`, too.
            return type(value) is hint
        case origin:
            # A tuple or a set of values of one type.
            return isinstance(value, origin) and all(
                _is(one, arguments[0]) for one in value
            )


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    """Return the types of the fields of a dataclass."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _rights(stored: Mapping[str, Any] | None) -> Rights | None:
    if stored is None:
        return None
    cameras = stored["cameras"]
    return Rights(
        is_administrator=stored["is_administrator"],
        granted=frozenset(map(Ability, stored["granted"])),
        missing=frozenset(map(Ability, stored["missing"])),
        cameras=cameras and EffectivePermissions(**cameras),
    )


def _rows[T](
    kind: Callable[..., T], rows: Iterable[Mapping[str, Any]]
) -> tuple[T, ...]:
    # JSON has lists instead of tuples.
    return tuple(
        kind(
            **{
                name: tuple(value) if isinstance(value, list) else value
                for name, value in row.items()
            }
        )
        for row in rows
    )
