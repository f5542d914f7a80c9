"""Checks in every test that all shown texts exist.

The core's own tests have such a check; the test plugin does not.
"""

from collections.abc import Iterator, Mapping
from functools import partialmethod
import re
from typing import Any

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import OptionsFlow
from homeassistant.core import ServiceRegistry, ServiceResponse
from homeassistant.data_entry_flow import FlowHandler, FlowManager, FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.xprotect_events.const import DOMAIN
from tests.architecture.import_table import INTEGRATION
from tests.upstream.files import placeholders, translation

TEXTS = translation("en")
# Links, pictures, code and pages in Markdown; a lone `-` is a list, which is allowed.
MORE_THAN_WORDS = re.compile(r"[<>\[\]`]|://|www\.|@", re.IGNORECASE)


class Watch:
    """Records texts that are missing or incomplete."""

    def __init__(self) -> None:
        self.gaps: list[str] = []

    def see(self, path: str, given: Mapping[str, object] | None) -> None:
        """Check a text that is shown with these placeholders."""
        text = TEXTS.get(path)
        if text is None:
            self.gaps.append(f"{path} has no text")
        elif not placeholders(text) <= set(given or ()):
            self.gaps.append(f"{path} is not given all of its placeholders")

    def see_words(self, path: str, given: Mapping[str, object] | None) -> None:
        """Check that a text that is shown as Markdown contains plain words only."""
        for name, word in (given or {}).items():
            # Addresses were typed by the user, or are of the same host.
            if name not in {"address", "host"} and MORE_THAN_WORDS.search(str(word)):
                self.gaps.append(f"{path} is given Markdown for {name}: {word}")

    def see_flow(self, flow: FlowHandler[Any, Any, Any], result: Any) -> None:  # noqa: ANN401 - each kind of flow has its own
        """Check a form, or the end of a flow."""
        category, given = "config", dict(result.get("description_placeholders") or {})
        if isinstance(flow, OptionsFlow):
            category = "options"
        elif isinstance(flow, RepairsFlow):
            issue = ir.async_get(flow.hass).async_get_issue(DOMAIN, flow.issue_id)
            if issue is None:
                return
            category = f"issues.{issue.translation_key}.fix_flow"
            given |= issue.translation_placeholders or {}
        self.see_words(category, given)
        if result["type"] is FlowResultType.CREATE_ENTRY:
            self.see_words(category, {"title": result.get("title")})
        if result["type"] is FlowResultType.ABORT:
            self.see(f"{category}.abort.{result['reason']}", given)
        elif result["type"] is FlowResultType.FORM:
            step = f"{category}.step.{result['step_id']}."
            self.see(f"{step}title", given)
            for path in TEXTS:
                if path.startswith(step):
                    self.see(path, given)
            for key in (result["errors"] or {}).values():
                self.see(f"{category}.error.{key}", given)


async def _handle_step(
    manager: FlowManager[Any, Any, Any],
    watch: Watch,
    original: Any,  # noqa: ANN401 - a method of the framework, as below
    flow: FlowHandler[Any, Any, Any],
    *args: object,
) -> object:
    result = await original(manager, flow, *args)
    if type(flow).__module__.startswith(INTEGRATION):
        watch.see_flow(flow, result)
    return result


def _create_issue(
    registry: ir.IssueRegistry,
    watch: Watch,
    original: Any,  # noqa: ANN401 - whatever it is
    domain: str,
    issue_id: str,
    **described: Any,  # noqa: ANN401 - whatever it is
) -> object:
    if domain == DOMAIN:
        issue = f"issues.{described['translation_key']}"
        watch.see_words(issue, described.get("translation_placeholders"))
        for path in (f"{issue}.title", f"{issue}.description"):
            if path in TEXTS or path.endswith("title"):
                watch.see(path, described.get("translation_placeholders"))
    return original(registry, domain, issue_id, **described)


async def _call(
    registry: ServiceRegistry,
    watch: Watch,
    original: Any,  # noqa: ANN401 - whatever it is
    *args: object,
    **keywords: object,
) -> ServiceResponse:
    try:
        response: ServiceResponse = await original(registry, *args, **keywords)
    except HomeAssistantError as err:
        if err.translation_domain == DOMAIN:
            path = f"exceptions.{err.translation_key}.message"
            watch.see(path, err.translation_placeholders)
        raise
    return response


@pytest.fixture(autouse=True)
def what_is_shown_has_its_text(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Fail a test in which a text without a translation was shown."""
    watch = Watch()
    for owner, name, wrapper in (
        (FlowManager, "_async_handle_step", _handle_step),
        (ir.IssueRegistry, "async_get_or_create", _create_issue),
        (ServiceRegistry, "async_call", _call),
    ):
        watched = partialmethod(wrapper, watch, getattr(owner, name))
        monkeypatch.setattr(owner, name, watched)
    yield watch
    assert watch.gaps == []
