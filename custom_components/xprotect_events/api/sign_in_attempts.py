"""Limits how often a password is sent that was neither accepted nor refused."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
import time

from .errors import ApiError, SignInPausedError, UnavailableError, UnreachableError
from .shared_sign_in import SharedSignIn, SignIn
from .token import Token

# Seconds to wait after the first, second … failure in a row; the last one is for all
# that follow. Shorter pauses would reach MAX_SENT; longer ones delay the recovery from
# an outage.
PAUSES = (60.0, 240.0, 900.0, 1200.0)
# Seconds between two requests without password that check whether an outage is over.
# More would delay the recovery, too; less would burden a server that is starting.
PROBE_PAUSE = 60.0
# Passwords per period in seconds. Windows domains usually lock an account at the fifth
# wrong password, and a server may count one without refusing it.
MAX_SENT = 5
PERIOD = 3600.0


class SignInAttempts:
    """Counts how often a password is sent, for all clients of one user.

    `monotonic` returns seconds. `start` makes the task of a sign-in, which outlives
    the clients.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        start: Callable[[SignIn], asyncio.Task[Token]] = asyncio.create_task,
    ) -> None:
        self._monotonic = monotonic
        self.shared = SharedSignIn(start)
        self._sent: deque[float] = deque(maxlen=MAX_SENT)
        self._failures = 0
        self._resume_at = monotonic()
        self._probe_at = self._resume_at
        self._error: ApiError | None = None

    @property
    def is_paused(self) -> bool:
        """Whether no attempt is allowed now."""
        return self._monotonic() < self._resume_at

    def raise_while_paused(self) -> None:
        """Raise the last failure again during a pause."""
        if self.is_paused:
            self._raise()

    def may_probe(self) -> bool:
        """Whether it is time to check if an outage is over, which ends the pause."""
        if not isinstance(self._error, UnavailableError | UnreachableError):
            return False
        now = self._monotonic()
        if not self.is_paused or now < self._probe_at:
            return False
        self._probe_at = now + PROBE_PAUSE
        return True

    def end_pause(self) -> None:
        """Allow the next attempt at once, within MAX_SENT."""
        self._resume_at = self._monotonic()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Count one message with the password or a proof of it, sent in this block.

        Raises the last failure after MAX_SENT in a period; then nothing must be sent.
        """
        now = self._monotonic()
        if len(self._sent) == MAX_SENT and now < self._sent[0] + PERIOD:
            self._raise()
        self._sent.append(now)
        try:
            yield
        except UnreachableError as err:
            if not err.was_sent:
                self._sent.pop()
            raise

    def failed(self, err: ApiError) -> None:
        """Begin a pause, unless the request was not sent at all."""
        if isinstance(err, UnreachableError) and not err.was_sent:
            return
        now = self._monotonic()
        pause, probe_pause = PAUSES[min(self._failures, len(PAUSES) - 1)], PROBE_PAUSE
        if isinstance(err, UnavailableError) and err.retry_after is not None:
            pause = max(pause, err.retry_after)
            probe_pause = max(probe_pause, err.retry_after)
        self._failures += 1
        self._resume_at = now + pause
        self._probe_at = now + probe_pause
        self._error = err

    def forget(self) -> None:
        """Start from zero, after the password was accepted or changed."""
        self._sent.clear()
        self._failures = 0
        self._resume_at = self._monotonic()
        self._error = None

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error.with_traceback(None)
        raise SignInPausedError("The last sign-ins had no result; the next one waits")
