"""Finds out of which kinds of sources a server reports which states."""

import asyncio
from collections.abc import Iterable, Sequence
import logging

from ..api import (
    ApiError,
    Direction,
    Event,
    Events,
    Streams,
    SubscriptionFilter,
)
from .catalog import Catalog

_LOGGER = logging.getLogger(__name__)

# Newest stored events to look at: one request. With more, a set-up would take longer;
# rare states are in the answer to `getState` anyway.
LOOK_AT = 1000
# Seconds for both requests. More would keep the user waiting at the set-up; a site
# whose answer takes longer is judged by what was found until then.
PATIENCE = 5.0

# The list of a source in the Configuration API, and the `group` of a `State`.
type Reported = tuple[str, str]


async def read_reported(
    events: Events,
    streams: Streams | None,
    catalog: Catalog,
    subscription: Sequence[SubscriptionFilter],
) -> frozenset[Reported]:
    """Return the pairs of which the server has reported a state, as far as it answers.

    They are read from the newest stored events and from `getState`, the latter not if
    `streams` is `None`. Raises nothing: an error means fewer pairs.
    """
    reported: set[Reported] = set()
    try:
        async with asyncio.timeout(PATIENCE):
            page = await events.list(direction=Direction.DESCENDING, size=LOOK_AT)
            reported.update(reported_by(page.events, catalog))
            if streams is not None:
                async with await streams.connect(_ignore) as stream:
                    await stream.start(None)
                    await stream.subscribe(subscription)
                    reported.update(reported_by(await stream.states(), catalog))
    except (ApiError, TimeoutError) as err:
        _LOGGER.debug("Not all states could be asked for: %s", err)
    return frozenset(reported)


def reported_by(events: Iterable[Event], catalog: Catalog) -> Iterable[Reported]:
    """Yield (list, group) of each event that sets a state of a listed kind."""
    for event in events:
        state = catalog.states.get(event.type_id)
        if state and event.source and event.source.resource:
            yield event.source.resource, state.group


async def _ignore(_: tuple[Event, ...]) -> None:
    """Do nothing with events: the delivery reads them from the beginning."""
