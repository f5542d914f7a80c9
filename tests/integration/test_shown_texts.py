"""The check of shown texts finds missing ones."""

from collections.abc import Iterator

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.shown_texts import TEXTS, Watch

EXCEPTION = "exceptions.event_not_found.message"
FIELD = "config.step.user.data_description.url"
TITLE = "config.step.user.title"


@pytest.fixture
def gaps(what_is_shown_has_its_text: Watch) -> Iterator[list[str]]:
    """Return the problems that the check has recorded, and clear them."""
    yield what_is_shown_has_its_text.gaps
    what_is_shown_has_its_text.gaps = []


async def test_a_form_without_a_title_is_found(
    hass: HomeAssistant,
    gaps: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise the check would prove nothing."""
    monkeypatch.delitem(TEXTS, TITLE)
    monkeypatch.setitem(TEXTS, FIELD, "Such as {example}.")
    await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert gaps == [
        f"{TITLE} has no text",
        f"{FIELD} is not given all of its placeholders",
    ]


async def test_an_issue_without_texts_is_found(
    hass: HomeAssistant, gaps: list[str]
) -> None:
    """It would be an empty line among the repairs."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        "example",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="example",
    )
    assert gaps == ["issues.example.title has no text"]


async def test_an_error_without_a_text_is_found(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    gaps: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Users would see the name of a key."""
    monkeypatch.delitem(TEXTS, EXCEPTION)
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN,
            "trigger_event",
            {"config_entry_id": loaded.entry_id, "event": "No such event"},
            blocking=True,
        )
    assert gaps == [f"{EXCEPTION} has no text"]
