"""Completes a sign-in even if its caller is cancelled."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any

from .errors import CredentialsRefusedError, SignInPausedError
from .token import Token

type SignIn = Coroutine[Any, Any, Token]


class SharedSignIn:
    """Holds one sign-in that is under way, or an outcome that no caller has received.

    The password was sent, so its answer must count even if the caller is cancelled
    meanwhile, for example by a reload. Otherwise a working password would look like one
    that is never answered. `start` creates the task; its owner must cancel it at the
    end of the program.
    """

    def __init__(
        self, start: Callable[[SignIn], asyncio.Task[Token]] = asyncio.create_task
    ) -> None:
        self._start = start
        self._user: Hashable = None
        self._task: asyncio.Task[Token] | None = None

    async def join(
        self,
        user: Hashable,
        sign_in: Callable[[], SignIn],
        is_good: Callable[[Token], bool],
    ) -> Token:
        """Return the token of the sign-in under way, or else of a new one.

        A token or a refusal is kept for the next caller with an equal `user`, until
        `clear` is called or the token is no longer `is_good`. Raises the errors of
        `sign_in`, and `SignInPausedError` if the sign-in was ended by another user's.
        """
        task = self._task
        if task is None or user != self._user or not _is_usable(task, is_good):
            self.end()
            task = self._start(sign_in())
            task.add_done_callback(_mark_retrieved)
            self._user, self._task = user, task
        await asyncio.wait([task])
        if task.cancelled():
            raise SignInPausedError("The sign-in was ended")
        err = task.exception()
        if err is not None:
            raise err.with_traceback(None)
        return task.result()

    def clear(self) -> None:
        """Forget an outcome, so that the next caller signs in."""
        if self._task is not None and self._task.done():
            self._user = self._task = None

    def end(self) -> None:
        """Cancel the sign-in; its answer does not count any more."""
        if self._task is not None:
            self._task.cancel()
        self._user = self._task = None


def _is_usable(task: asyncio.Task[Token], is_good: Callable[[Token], bool]) -> bool:
    """Whether another caller may have the outcome; failures are not kept."""
    if not task.done():
        return True
    if task.cancelled():
        return False
    if task.exception() is not None:
        return isinstance(task.exception(), CredentialsRefusedError)
    return is_good(task.result())


def _mark_retrieved(task: asyncio.Task[Token]) -> None:
    """Mark the error of a sign-in as retrieved; otherwise asyncio would log it."""
    if not task.cancelled():
        task.exception()
