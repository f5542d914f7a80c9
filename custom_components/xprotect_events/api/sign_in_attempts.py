"""How often a password may be sent that is neither accepted nor refused."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
import time

from .errors import ApiError, SignInPausedError, UnavailableError, UnreachableError

# Seconds of rest after the first, second … failure in a row; the last one after each
# that follows. Shorter ones would send the password more often than MAX_SENT allows;
# longer ones delay the recovery from an outage.
PAUSES = (60.0, 240.0, 900.0, 1200.0)
# Seconds between two questions without password, whether an outage is over. More would
# delay the recovery as well; less would burden a server that has just come back.
PROBE_PAUSE = 60.0
# Within a period in seconds. Windows domains usually lock an account at the fifth
# wrong password, and what answers may count without saying so.
MAX_SENT = 5
PERIOD = 3600.0


class SignInAttempts:
    """Counts what is sent of a password, for all clients of one user.

    `monotonic` returns seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._sent: deque[float] = deque(maxlen=MAX_SENT)
        self._failures = 0
        self._resume_at = monotonic()
        self._probe_at = self._resume_at
        self._error: ApiError | None = None

    @property
    def is_paused(self) -> bool:
        """Whether nobody may try."""
        return self._monotonic() < self._resume_at

    def raise_while_paused(self) -> None:
        """Raise the last failure again as long as nobody may try."""
        if self.is_paused:
            self._raise()

    def may_probe(self) -> bool:
        """Whether to ask if an outage is over, which would end the pause."""
        if not isinstance(self._error, UnavailableError | UnreachableError):
            return False
        now = self._monotonic()
        if not self.is_paused or now < self._probe_at:
            return False
        self._probe_at = now + PROBE_PAUSE
        return True

    def end_pause(self) -> None:
        """Let the next one try at once, as far as MAX_SENT allows."""
        self._resume_at = self._monotonic()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Count one message that bears the password, or a proof of it.

        Raises the last failure, and nothing must be sent, after MAX_SENT in a period.
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
        """Begin a pause, unless nobody was reached: that does no harm."""
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
        """Begin anew: the password was accepted, or is another one."""
        self._sent.clear()
        self._failures = 0
        self._resume_at = self._monotonic()
        self._error = None

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error.with_traceback(None)
        raise SignInPausedError("The last sign-ins came to no end; the next one waits")
