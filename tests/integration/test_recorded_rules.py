"""The event whose recorded video a page shows, and errors."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.xprotect_events import recorded_video
from custom_components.xprotect_events.api import (
    NoPictureError,
    Resource,
    Source,
    UnreachableError,
)
from custom_components.xprotect_events.chosen_events import MAX_LOGINS, ChosenEvents
from custom_components.xprotect_events.engine.shot import OtherMomentError
from custom_components.xprotect_events.live_view_errors import Reason, ViewError

EVENT: Any = SimpleNamespace(camera_id="one", time="then")


class Page:
    """An open page of the frontend, as far as it is used here."""

    def __init__(self, login: object = "login") -> None:
        self.refresh_token_id = login
        self.subscriptions: dict[object, Any] = {}
        self.user = None


def entry(error: Exception | None, *, has_pictures: bool = True) -> Any:  # noqa: ANN401 - a stand-in
    """Return an entry whose pictures fail with this error."""

    async def of_event(*_: object) -> None:
        if error is not None:
            raise error

    pictures = SimpleNamespace(fetch=SimpleNamespace(of_event=of_event))
    site = SimpleNamespace(version="25.2a")
    return SimpleNamespace(
        runtime_data=SimpleNamespace(
            chosen=SimpleNamespace(find=lambda _: EVENT),
            inventory=SimpleNamespace(data=SimpleNamespace(site=site)),
            pictures=pictures if has_pictures else None,
        )
    )


@pytest.fixture(autouse=True)
def everything_may_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rights have separate tests."""
    monkeypatch.setattr(recorded_video, "may_see", lambda *_: True)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OtherMomentError(timedelta(hours=1)), Reason.NOT_RECORDED),
        (NoPictureError("No"), Reason.NOT_THERE),
    ],
)
async def test_no_video_of_another_moment_is_shown(
    hass: HomeAssistant, error: Exception, reason: Reason
) -> None:
    """It would look like that of the event."""
    page: Any = Page()
    with pytest.raises(ViewError) as caught:
        await recorded_video.async_find_footage(hass, entry(error), page)
    assert caught.value.reason is reason


@pytest.mark.parametrize("has_pictures", [True, False])
async def test_video_is_played_if_the_recording_cannot_be_checked(
    hass: HomeAssistant, *, has_pictures: bool
) -> None:
    """It can reach recording servers that Home Assistant cannot."""
    page: Any = Page()
    failing = entry(UnreachableError("No"), has_pictures=has_pictures)
    found: Any = await recorded_video.async_find_footage(hass, failing, page)
    assert found == (Source(Resource.CAMERAS, "one"), "then")


def test_the_number_of_remembered_logins_is_limited() -> None:
    """Otherwise all logins would be kept."""
    chosen = ChosenEvents()
    pages: list[Any] = [Page(number) for number in range(MAX_LOGINS + 1)]
    for page in pages:
        chosen.choose(page, EVENT)
        page.subscriptions[chosen]()
    assert chosen.find(pages[0]) is None
    assert chosen.find(pages[-1]) is EVENT
