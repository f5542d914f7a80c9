"""Events opened in the media browser, whose recorded video is played.

A page requests the video of an entity and cannot pass a time. The time is that of the
event which the same page has opened last.
"""

from collections.abc import Hashable

from homeassistant.components.websocket_api import ActiveConnection

from .engine.recent_events import PictureOf

# Logins that are remembered, newest last. Fewer users than these watch a site at once.
MAX_LOGINS = 100


class ChosenEvents:
    """Remembers the event that each page has opened last."""

    def __init__(self) -> None:
        self._of_page: dict[ActiveConnection, PictureOf] = {}
        self._of_login: dict[Hashable, PictureOf] = {}

    def choose(self, page: ActiveConnection, event: PictureOf) -> None:
        """Remember an event while the page is open."""
        self._of_page[page] = event
        page.subscriptions[self] = lambda: self._of_page.pop(page, None)
        login = page.refresh_token_id
        self._of_login.pop(login, None)
        self._of_login[login] = event
        if len(self._of_login) > MAX_LOGINS:
            del self._of_login[next(iter(self._of_login))]

    def find(self, page: ActiveConnection) -> PictureOf | None:
        """Return the event of a page, or of its login, since phones reconnect often."""
        return self._of_page.get(page) or self._of_login.get(page.refresh_token_id)
