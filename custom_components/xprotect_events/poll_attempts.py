"""What follows a failed poll: a second attempt, and the wait for the next poll."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
import logging

from .api import (
    ApiError,
    CredentialsRefusedError,
    PermissionDeniedError,
    TimedOutError,
    TokenRefusedError,
    UnavailableError,
)
from .engine.backoff import Backoff

_LOGGER = logging.getLogger(__name__)

# Seconds to wait after an answer such as 503. A worker of IIS starts in about this
# time; more would delay showing an outage.
SECOND_TRY_AFTER = 1.0
# Seconds. A coordinator's timer fires up to this early.
TIMER_FIRES_EARLY = 1.0
# A second attempt would have the same result, or take as long again.
_FINAL = (
    CredentialsRefusedError,
    PermissionDeniedError,
    TimedOutError,
    TokenRefusedError,
)


async def async_poll(
    poll: Callable[[], Awaitable[None]],
    *,
    has_failed: bool,
    refusals: tuple[type[ApiError], ...] = (),
) -> None:
    """Poll, and once more after a failure, because one failure is not an outage.

    There is no second attempt after a refusal, a time-out, or if the last poll
    `has_failed`. `refusals` are further errors that count as such. Raises any
    `ApiError`.
    """
    try:
        await poll()
    except _FINAL + refusals:
        raise
    except ApiError as err:
        if has_failed:
            raise
        _LOGGER.debug("Poll failed, trying again: %s", err)
        if isinstance(err, UnavailableError):
            await _second_try(err)
        await poll()


def next_wait(backoff: Backoff, err: ApiError) -> float:
    """Return the seconds until the next poll; the server may request a longer wait."""
    wait = backoff.wait()
    if isinstance(err, UnavailableError) and err.retry_after is not None:
        return max(wait, err.retry_after + TIMER_FIRES_EARLY)
    return wait


async def _second_try(err: UnavailableError) -> None:
    """Wait for a second attempt. Raises `err` if the server requests a longer wait."""
    is_too_much = err.status == HTTPStatus.TOO_MANY_REQUESTS
    if is_too_much or (err.retry_after or 0.0) > SECOND_TRY_AFTER:
        raise err
    await asyncio.sleep(SECOND_TRY_AFTER)
