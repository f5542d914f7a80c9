"""Requests for several objects, such as recorders, of which some may be down."""

from collections.abc import Awaitable, Callable, Collection

from ..api import (
    AnotherSiteError,
    ApiError,
    CredentialsRefusedError,
    Source,
    TimedOutError,
    TokenRefusedError,
    UnreachableError,
)

# Objects whose requests fail before any other has an answer. With fewer, two recorders
# that are down would hide all others; with more, a server that is down would get many
# requests.
ENOUGH = 3
# Further requests would only fail in the same way.
FOR_ALL = (
    AnotherSiteError,
    CredentialsRefusedError,
    TokenRefusedError,
    UnreachableError,
)


class Series:
    """Makes requests for one object after the other."""

    def __init__(self) -> None:
        self._failed: set[Source] = set()

    async def run(
        self,
        sources: Collection[Source],
        request: Callable[[Source], Awaitable[ApiError | None]],
    ) -> ApiError | None:
        """Call `request` for each object; return the first error, if there was one.

        `request` raises an error, or returns it if a part was answered. Objects that
        failed the last time come last, so they do not keep the others from their turn.
        Raises the errors that all requests would have, but no time-out: one recorder
        may be slow.
        """
        first: ApiError | None = None
        failed: set[Source] = set()
        has_answer = False
        for source in sorted(sources, key=lambda one: (one in self._failed, one)):
            try:
                failure = await request(source)
                has_answer = True
            except ApiError as err:
                if isinstance(err, FOR_ALL) and not isinstance(err, TimedOutError):
                    raise
                failure = err
            if failure is not None:
                first = first or failure
                failed.add(source)
            if len(failed) == ENOUGH and not has_answer:
                break
        self._failed = failed
        return first
