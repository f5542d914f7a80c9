"""Event types and catalogs for tests."""

from custom_components.xprotect_events.api import (
    AnalyticsEvent,
    EventType,
    Site,
    StateGroup,
    UserDefinedEvent,
)
from custom_components.xprotect_events.engine.catalog import Catalog
from custom_components.xprotect_events.engine.inventory import SiteInventory

GUID_A = "0a000000-0000-4000-8000-000000000000"

GUID_B = "0b000000-0000-4000-8000-000000000000"

GUID_C = "0c000000-0000-4000-8000-000000000000"


def event_type(
    type_id: str,
    name: str = "Something",
    *,
    generator: str | None = "RecorderPlugin",
    subtype: str | None = None,
    sources: tuple[str, ...] = (),
    group: str | None = None,
    state: str | None = None,
) -> EventType:
    """Return a row of /eventTypes with only what matters."""
    return EventType(
        id=type_id,
        name=name,
        generator_type=generator,
        generator_subtype=subtype,
        source_types=sources,
        state_group_id=group,
        state=state,
    )


def catalog(
    *types: EventType,
    groups: tuple[StateGroup, ...] = (),
    user_defined: tuple[UserDefinedEvent, ...] = (),
    analytics: tuple[AnalyticsEvent, ...] = (),
    chosen: tuple[str, ...] = (),
) -> Catalog:
    """Return the catalog of a site with only these."""
    inventory = SiteInventory(
        site=Site(id=GUID_A, name="Site", version=None),
        recording_servers=(),
        hardware=(),
        devices=(),
        event_types=types,
        state_groups=groups,
        user_defined_events=user_defined,
        analytics_events=analytics,
        unreadable=frozenset(),
    )
    return Catalog(inventory, frozenset(chosen))


def user_defined(type_id: str, name: str) -> UserDefinedEvent:
    """Return a row of /userDefinedEvents."""
    return UserDefinedEvent(id=type_id, name=name, is_system=False)
