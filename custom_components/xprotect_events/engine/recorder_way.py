"""Sends requests to one recording server, at that of its addresses that answers."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
import logging

from ..api import (
    ApiError,
    CertificateError,
    NotSupportedError,
    Picture,
    Recorder,
    RecorderRefusedError,
    RecorderTokenRefusedError,
    UnreachableError,
)
from .breaker import Breaker
from .picture_limits import RecorderLimit

_LOGGER = logging.getLogger(__name__)

# Only recording servers refuse a request in this way.
REFUSALS = (NotSupportedError, RecorderRefusedError, RecorderTokenRefusedError)


class RecorderWay:
    """Requests pictures of one recording server, within limits.

    `recorders` are its possible addresses. `sign_in` gets the token in advance, so
    that an outage of the management server does not count as one of the recorder.
    `noticed` is called when `untrusted_at` changes.
    """

    def __init__(
        self,
        name: str,
        recorders: tuple[Recorder, ...],
        sign_in: Callable[[], Awaitable[object]],
        limit: RecorderLimit,
        breaker: Breaker,
        noticed: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        # Where the recorder shows a certificate that is not trusted, if it does.
        self.untrusted_at: str | None = None
        self.breaker = breaker
        self._recorders = recorders
        self._chosen = recorders[0] if len(recorders) == 1 else None
        self._sign_in = sign_in
        self._limit = limit
        self._noticed = noticed

    @property
    def address(self) -> str | None:
        """The address that answers; `None` before it is found."""
        return str(self._chosen.address) if self._chosen else None

    async def ask(self, call: Callable[[Recorder], Awaitable[Picture]]) -> Picture:
        """Return the picture of `call`, a request to the recorder.

        Raises any `ApiError`; while the breaker is open, the last one at once.
        """
        if self.breaker.is_open and self.breaker.reason is not None:
            raise self.breaker.reason.with_traceback(None)
        await self._sign_in()
        async with self._limit.place():
            try:
                picture = await self._call(call)
            except UnreachableError as err:
                self._failed(err)
                raise
            except ApiError:
                self._answered()
                raise
            self._answered()
            return picture

    async def _call(self, call: Callable[[Recorder], Awaitable[Picture]]) -> Picture:
        recorder = self._chosen or await self._choose()
        try:
            return await call(recorder)
        except CertificateError:
            self._set_untrusted(str(recorder.address))
            raise

    async def _choose(self) -> Recorder:
        """Return the first recorder that answers, and use it from now on.

        Another server may have the name or the port of one of the addresses.
        """
        failure: ApiError = UnreachableError("The recording server has no address")
        untrusted_at: str | None = None
        for recorder in self._recorders:
            try:
                await _probe(recorder)
            except ApiError as err:
                # An untrusted certificate explains more than an unreachable address.
                if untrusted_at is None:
                    failure = err
                    if isinstance(err, CertificateError):
                        untrusted_at = str(recorder.address)
                continue
            self._chosen = recorder
            return recorder
        if untrusted_at is not None:
            self._set_untrusted(untrusted_at)
        if isinstance(failure, UnreachableError):
            raise failure
        raise UnreachableError(
            failure.text, server_text=failure.server_text
        ) from failure

    def _set_untrusted(self, address: str | None) -> None:
        if self.untrusted_at != address:
            self.untrusted_at = address
            self._noticed()

    def _failed(self, err: UnreachableError) -> None:
        if len(self._recorders) > 1:
            self._chosen = None
        if self.breaker.failed(err):
            _LOGGER.warning("Recording server %s gives no pictures: %s", self.name, err)

    def _answered(self) -> None:
        self._set_untrusted(None)
        if self.breaker.succeeded():
            _LOGGER.info("Recording server %s gives pictures again", self.name)


async def _probe(recorder: Recorder) -> None:
    """Return when a recording server answers. Raises any other `ApiError`."""
    with suppress(*REFUSALS):
        await recorder.probe()
