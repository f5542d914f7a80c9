"""The open live views of cameras, and their sessions at the gateway.

The video flows from XProtect to the browser. Session descriptions contain addresses
and fingerprints, and are never logged.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import NamedTuple, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval

from .api import (
    ApiError,
    CredentialsRefusedError,
    IceServer,
    LiveVideo,
    NotFoundError,
    Source,
    VideoSession,
)
from .const import CONF_LIVE_VIEW, DOMAIN
from .engine.webrtc import Answers, OfferError, answer_offers
from .errors import async_ask_for_password
from .live_view_errors import Reason, ViewError, async_sentence, view_error

_LOGGER = logging.getLogger(__name__)

# Views at the same time. The gateway sends a separate stream to each of them.
MAX_VIEWS_OF_CAMERA = 10
MAX_VIEWS = 30
# Seconds between two requests for candidates of the gateway, and their number. It finds
# them within two seconds; a browser gives up some seconds later.
CANDIDATES_EVERY = 0.5
CANDIDATES_ROUNDS = 12
# Candidates of one gateway that are passed on; more are of no use to a browser.
MAX_PASSED_CANDIDATES = 100
# The last offers that are remembered, to recognise those that are repeated.
MAX_OFFERS = 100
# Time between two checks whether the gateway still has a session. A browser does not
# notice its end: the picture freezes. Tokens are renewed some minutes before their end,
# so the gateway gets the next one in time, too.
CHECK_SESSIONS_EVERY = timedelta(seconds=15)


class Dialog(Protocol):
    """The page of a viewer.

    Home Assistant's own message classes would load its camera component.
    """

    def answer(self, sdp: str) -> None:
        """Take the answer to the page's offer."""

    def candidate(self, line: str, mid: str) -> None:
        """Take an address of the gateway."""

    def fail(self, text: str) -> None:
        """Close the picture and show a text instead."""


class Footage(NamedTuple):
    """The video of a camera to show: live, or a recording from a time on.

    Gaps of a recording are not skipped: video of hours later would be mistaken for it.
    """

    camera: Source
    since: datetime | None = None


@dataclass(slots=True, kw_only=True)
class View:
    """One open view of a camera; without a session it is still being opened."""

    footage: Footage
    dialog: Dialog
    session: VideoSession | None = None


class LiveViews:
    """The views of one config entry, each with its own session at the gateway."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, video: LiveVideo
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._video = video
        self._views: dict[str, View] = {}
        self._cancel_timer: CALLBACK_TYPE | None = None
        self._is_checking = False
        self._is_stopped = False
        self._offers: dict[int, None] = {}
        self.opened = 0

    def __len__(self) -> int:
        return len(self._views)

    async def open(
        self,
        footage: Footage,
        view_id: str,
        offer: str,
        dialog: Dialog,
        ice_servers: Sequence[IceServer] = (),
    ) -> None:
        """Answer the offer of a viewer, or show why there is no picture."""
        if view_id in self._views or self._is_full(footage.camera):
            await self.refuse(dialog, ViewError(Reason.FULL))
            return
        if self._is_stopped or self._is_repeated(offer):
            await self.refuse(dialog, ViewError(Reason.ENDED))
            return
        self._views[view_id] = view = View(footage=footage, dialog=dialog)
        try:
            session, answers = await self._connect(footage, offer, ice_servers)
            if view_id not in self._views:
                # The dialog was closed meanwhile.
                await self._video.close(session)
                return
            view.session = session
        except ViewError as err:
            await self.refuse(dialog, err)
            return
        finally:
            if view.session is None:
                self._views.pop(view_id, None)
        self.opened += 1
        dialog.answer(answers.for_browser)
        self._in_background(self._send_candidates(view_id, answers), "candidates")
        self._keep_timer()

    @callback
    def close(self, view_id: str) -> None:
        """Close a view after its viewer has left."""
        view = self._views.pop(view_id, None)
        self._keep_timer()
        if view is not None and view.session is not None:
            # An unload waits for such a task, instead of cancelling it.
            self._entry.async_create_task(
                self._hass, self._video.close(view.session), f"{DOMAIN} live view close"
            )

    @callback
    def end(self, reason: Reason, camera: Source | None = None) -> None:
        """End the live views of a camera, or all views, and show the reason.

        The picture would freeze otherwise. Recorded video of a lost camera continues.
        """
        for view_id, view in tuple(self._views.items()):
            if camera is None or view.footage == Footage(camera):
                self.close(view_id)
                self._in_background(self.refuse(view.dialog, ViewError(reason)), "end")

    async def stop(self) -> None:
        """End every view and its session, because the entry unloads."""
        self._is_stopped = True
        views, self._views = self._views, {}
        self._keep_timer()
        sessions = [view.session for view in views.values() if view.session]
        ended = ViewError(Reason.ENDED)
        await asyncio.gather(
            *map(self._video.close, sessions),
            *(self.refuse(view.dialog, ended) for view in views.values()),
        )

    def _is_full(self, camera: Source) -> bool:
        of_camera = sum(view.footage.camera == camera for view in self._views.values())
        return len(self._views) >= MAX_VIEWS or of_camera >= MAX_VIEWS_OF_CAMERA

    def _is_repeated(self, offer: str) -> bool:
        """Return whether a page sends an offer again, because it has reconnected.

        Its view was closed with its connection, and it would ignore another answer.
        """
        key = hash(offer)
        if key in self._offers:
            return True
        self._offers[key] = None
        if len(self._offers) > MAX_OFFERS:
            del self._offers[next(iter(self._offers))]
        return False

    async def _connect(
        self, footage: Footage, offer: str, ice_servers: Sequence[IceServer]
    ) -> tuple[VideoSession, Answers]:
        """Open a session and answer both offers. Raises `ViewError`."""
        session: VideoSession | None = None
        is_answered = False
        try:
            session = await self._video.open(
                footage.camera.id, ice_servers=ice_servers, since=footage.since
            )
            answers = answer_offers(offer, session.offer)
            await self._video.answer(session, answers.for_server)
            is_answered = True
        except (ApiError, OfferError) as err:
            failure = view_error(
                err,
                is_recorded=footage.since is not None,
                secrets=[one.credential for one in ice_servers if one.credential],
            )
            _LOGGER.debug("No view of %s: %s", footage.camera, failure.error)
            if isinstance(err, CredentialsRefusedError):
                async_ask_for_password(self._hass, self._entry)
            raise failure from err
        finally:
            # Also when the request is cancelled.
            if session is not None and not is_answered:
                await self._video.close(session)
        return session, answers

    async def _send_candidates(self, view_id: str, answers: Answers) -> None:
        """Send candidates of the gateway that its offer lacked to the browser."""
        known: set[str] = set()
        for _ in range(CANDIDATES_ROUNDS):
            view = self._views.get(view_id)
            if view is None or view.session is None:
                return
            try:
                found = await self._video.candidates(view.session)
            except NotFoundError:
                await self._check(view_id)
                return
            except ApiError as err:
                _LOGGER.debug("No candidates for a live view: %s", err.text)
                found = ()
            fresh = [one for one in answers.missing(found) if one not in known]
            for line in fresh[: MAX_PASSED_CANDIDATES - len(known)]:
                known.add(line)
                view.dialog.candidate(line, answers.video_mid)
            await asyncio.sleep(CANDIDATES_EVERY)

    async def _check_all(self, _: datetime) -> None:
        """Check every session, unless the check before still waits for the gateway."""
        if self._is_checking:
            return
        self._is_checking = True
        try:
            await asyncio.gather(*map(self._check, tuple(self._views)))
        finally:
            self._is_checking = False
        self._keep_timer()

    async def _check(self, view_id: str) -> None:
        """Send a session the current token, and end the view if the session is gone."""
        view = self._views.get(view_id)
        if view is None or view.session is None:
            return
        try:
            view.session = await self._video.renew_token(view.session)
            is_open = await self._video.is_open(view.session)
        except NotFoundError:
            is_open = False
        except ApiError as err:
            _LOGGER.debug("Session of a live view not checked: %s", err.text)
            return
        if not is_open and view_id in self._views:
            self.close(view_id)
            await self.refuse(view.dialog, ViewError(Reason.ENDED))

    @callback
    def _keep_timer(self) -> None:
        """Check sessions only while there are viewers."""
        if self._views and self._cancel_timer is None:
            self._cancel_timer = async_track_time_interval(
                self._hass,
                self._check_all,
                CHECK_SESSIONS_EVERY,
                cancel_on_shutdown=True,
            )
        elif not self._views and self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None

    async def refuse(self, dialog: Dialog, err: ViewError) -> None:
        """Show an error in a dialog, in the language of Home Assistant."""
        dialog.fail(await async_sentence(self._hass, err))

    @callback
    def _in_background(self, work: Coroutine[object, object, None], name: str) -> None:
        self._entry.async_create_background_task(
            self._hass, work, f"{DOMAIN} live view {name}"
        )


def create_live_views(
    hass: HomeAssistant, entry: ConfigEntry, video: LiveVideo
) -> LiveViews | None:
    """Return the views of an entry, `None` if the option is off."""
    if not entry.options.get(CONF_LIVE_VIEW):
        return None
    return LiveViews(hass, entry, video)
