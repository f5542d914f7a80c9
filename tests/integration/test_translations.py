"""Every text that the code uses exists, and every existing text is used."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any, TypeIs

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import ObjectSelector, SelectSelector
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.xprotect_events import (
    errors,
    live_view_errors,
    picture_check,
    picture_errors,
    services,
    site_check,
)
from custom_components.xprotect_events.const import (
    CONF_PICTURES,
    DOMAIN,
    PICTURES_RECORDERS,
)
from custom_components.xprotect_events.engine.event_names import EVENT_SLUGS, OTHER
from custom_components.xprotect_events.issue_kinds import FIXABLE, Issue
from custom_components.xprotect_events.picture_form import (
    CONF_RECORDERS,
    picture_schema,
)
from tests.integration.source_calls import (
    TREES,
    calls,
    keyword,
    name_of,
    text_of,
    with_bases,
)
from tests.upstream.files import (
    ENGLISH,
    ICONS,
    LANGUAGES,
    SERVICES,
    placeholders,
    translation,
)

FIX_FLOWS = {
    Issue.CERTIFICATE_CHANGED: "CertificateChangedFlow",
    Issue.EVENTS_RENAMED: "RenamedEventsFlow",
    Issue.OPTIONS_STALE: "StaleOptionsFlow",
    Issue.RECORDER_CERTIFICATE: "RecorderCertificateFlow",
}

# The framework's functions that end a flow, with their reasons.
ABORTS = {
    "_abort_if_unique_id_configured": "already_configured",
    "_abort_if_unique_id_mismatch": "unique_id_mismatch",
    "_get_reconfigure_entry": "entry_removed",
    "async_step_reauth": "reauth_successful",
    "async_step_reconfigure": "reconfigure_successful",
}


def raised() -> Iterator[tuple[str, set[str]]]:
    """Yield the key and the placeholders of every translated exception."""
    for _, key in errors.ACTION_KEYS:
        yield key, {"error"}
    for _, key, _ in picture_errors.PICTURE_ERRORS:
        yield key, {"error"}
    yield picture_check.NO_GATEWAY, set()
    for reason in live_view_errors.Reason:
        yield reason, {"error"}
    for call in calls():
        if name_of(call.func) == "PictureError":
            what, _, filled = call.args
            if isinstance(what, ast.Constant) and isinstance(filled, ast.Dict):
                yield text_of(what) or "", {text_of(one) or "" for one in filled.keys}
        raised_key = text_of(keyword(call, "translation_key"))
        given = keyword(call, "translation_placeholders")
        if raised_key and keyword(call, "translation_domain"):
            names = given.keys if isinstance(given, ast.Dict) else []
            yield raised_key, {text_of(name) or "" for name in names}
        if name_of(call.func) == "mistake":
            yield text_of(call.args[0]) or "", {one.arg or "" for one in call.keywords}


def test_every_exception_has_a_text_and_every_text_an_exception() -> None:
    """Without its text users see the name of a key."""
    assert {key for key, _ in raised()} == set(ENGLISH["exceptions"])


def test_texts_of_exceptions_name_only_what_they_are_given() -> None:
    """A placeholder without a value would be shown in braces."""
    for key, given in raised():
        message = ENGLISH["exceptions"][key]["message"]
        assert placeholders(message) <= given, key


def test_every_error_of_a_form_has_a_text_and_every_text_an_error() -> None:
    """Users with a problem need these texts."""
    used = {
        site_check.CERTIFICATE_CHANGED,
        site_check.INVALID_WINDOWS_AUTH,
        site_check.ONLY_HTTP,
        site_check.PASSWORD_NEEDED,
        site_check.SSL_ERROR,
        site_check.SUGGESTION,
        site_check.UNEXPECTED,
        site_check.USE_HTTPS,
    }
    used |= set(site_check.REFUSALS.values())
    used |= {key for _, _, key in site_check.PROBLEMS}
    assert used == set(ENGLISH["config"]["error"])


def test_every_end_of_a_flow_has_a_text_and_every_text_an_end() -> None:
    """The last text of a flow shows whether it has worked."""
    used = {
        reason
        for node in ast.walk(TREES["config_flow"])
        for name, reason in ABORTS.items()
        if name in {getattr(node, "attr", ""), getattr(node, "name", "")}
    }
    assert used == set(ENGLISH["config"]["abort"])
    assert set(ENGLISH["options"]["abort"]) == {"entry_removed"}


@pytest.mark.parametrize(
    ("modules", "category"),
    [
        (("config_flow", "area_step", "rights_step"), "config"),
        (("options_flow", "picture_steps"), "options"),
    ],
)
def test_every_form_has_its_texts_and_no_text_of_a_form_is_unused(
    modules: tuple[str, ...], category: str
) -> None:
    """A form without texts cannot be filled in."""
    shown = set()
    for call in (call for module in modules for call in calls(module)):
        if name_of(call.func) in {"async_show_form", "async_show_menu"}:
            shown.add(text_of(keyword(call, "step_id")))
        elif name_of(call.func) in {"_show_certificate", "_show_rights"}:
            shown.add(text_of(call.args[0]))
    if category == "config":
        # The same form, by the source of the flow.
        shown |= {"user", "reconfigure"}
    shown.discard(None)
    steps = ENGLISH[category]["step"]
    assert shown == set(steps)
    assert all(step["title"] for step in steps.values())


async def schemas(
    hass: HomeAssistant, entry: MockConfigEntry
) -> dict[str, Mapping[Any, Any]]:
    """Return the fields of every form, by the place of their texts."""
    user = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    reconfigure = await entry.start_reconfigure_flow(hass)
    reauth = await entry.start_reauth_flow(hass)
    options = await hass.config_entries.options.async_init(entry.entry_id)
    found: dict[str, Mapping[Any, Any]] = {}
    for category, result in (
        ("config", user),
        ("config", reconfigure),
        ("config", reauth),
        ("options", options),
    ):
        assert result["data_schema"] is not None
        found[f"{category}.step.{result['step_id']}"] = result["data_schema"].schema
    return found


def test_every_issue_has_its_texts_and_no_text_is_unused() -> None:
    """Only an issue with a fix flow has texts of forms."""
    assert set(ENGLISH["issues"]) == {issue.value for issue in Issue}
    for key, issue in ENGLISH["issues"].items():
        assert issue["title"]
        assert ("fix_flow" in issue) == (Issue(key) in FIXABLE)
        assert ("description" in issue) != ("fix_flow" in issue)


def test_the_forms_that_fix_an_issue_have_their_texts() -> None:
    """They are found by their names, too."""
    assert set(FIX_FLOWS) == FIXABLE
    for issue, name in FIX_FLOWS.items():
        flow = ENGLISH["issues"][issue]["fix_flow"]
        nodes = [node for tree in with_bases(name) for node in ast.walk(tree)]
        names = {node.name for node in nodes if is_step(node)}
        assert {f"async_step_{step}" for step in flow["step"]} == names
        found = [node for node in nodes if isinstance(node, ast.Call)]
        ends = {text_of(keyword(call, "reason")) for call in found} - {None}
        assert set(flow["abort"]) - {"entry_removed"} <= ends
        assert ends <= {*flow["abort"], "not_loaded"}


def is_step(node: ast.AST) -> TypeIs[ast.AsyncFunctionDef]:
    """Return whether the method shows a form of its own."""
    return (
        isinstance(node, ast.AsyncFunctionDef)
        and node.name.startswith("async_step_")
        and node.name != "async_step_init"
    )


def text_at(path: str) -> dict[str, Any]:
    """Return the English texts below a dotted path."""
    found = ENGLISH
    for part in path.split("."):
        found = found[part]
    assert isinstance(found, dict)
    return found


async def test_every_field_has_a_name_and_a_description_and_no_text_is_unused(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """A name alone rarely explains a field."""
    for path, schema in (await schemas(hass, loaded)).items():
        plain = {
            str(key) for key, one in schema.items() if not isinstance(one, section)
        }
        assert set(text_at(path)["data"]) == plain
        assert set(text_at(path)["data_description"]) == plain
        for key, part in schema.items():
            if isinstance(part, section):
                below = text_at(f"{path}.sections.{key}")
                assert below["name"]
                fields = {str(one) for one in part.schema.schema}
                assert set(below["data"]) == fields
                assert set(below["data_description"]) == fields


async def test_every_choice_has_a_text_and_no_text_of_a_choice_is_unused(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """Otherwise a list would show keys."""
    choices = {
        str(selector.config["translation_key"]): selector.config["options"]
        for schema in (await schemas(hass, loaded)).values()
        for selector in schema.values()
        if isinstance(selector, SelectSelector) and "translation_key" in selector.config
    }
    # The second form of the options has rows.
    rows = picture_schema({CONF_PICTURES: PICTURES_RECORDERS}, ()).schema[
        CONF_RECORDERS
    ]
    assert isinstance(rows, ObjectSelector)
    assert set(ENGLISH["selector"][CONF_RECORDERS]["fields"]) == set(
        rows.config["fields"]
    )
    assert {*choices, CONF_RECORDERS} == set(ENGLISH["selector"])
    for key, options in choices.items():
        assert set(options) == set(ENGLISH["selector"][key]["options"])


def entity_keys() -> dict[str, set[str]]:
    """Return the translation keys of entities by platform, as the source has them."""
    found: dict[str, set[str]] = {}
    # A platform may have a second module, such as output_button.
    modules = [
        (module, platform)
        for platform in ENGLISH["entity"]
        for module in TREES
        if module == platform
        or (module.endswith(f"_{platform}") and module not in ENGLISH["entity"])
    ]
    for module, platform in modules:
        keys = found.setdefault(platform, set())
        for call in calls(module):
            if name_of(call.func).endswith("Description"):
                keys.add(text_of(keyword(call, "translation_key")) or "")
        for node in ast.walk(TREES[module]):
            match node:
                case ast.Assign(
                    targets=[ast.Name(id="_attr_translation_key")],
                    value=ast.Constant(value=str(key)),
                ):
                    keys.add(key)
        keys.discard("")
    return found


def test_every_entity_has_a_name_and_no_name_is_unused() -> None:
    """An entity without a name would have that of its device."""
    assert {
        platform: set(entities) for platform, entities in ENGLISH["entity"].items()
    } == entity_keys()
    assert all(
        entity["name"] for one in ENGLISH["entity"].values() for entity in one.values()
    )


async def test_every_entity_of_a_real_site_has_its_texts_and_an_icon(
    loaded: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    """A device class provides name and icon; other entities need their own."""
    entities = er.async_entries_for_config_entry(entity_registry, loaded.entry_id)
    assert {entity.domain for entity in entities} >= {"binary_sensor", "sensor"}
    for entity in entities:
        key = entity.translation_key
        known = ENGLISH["entity"].get(entity.domain, {})
        assert key in known if key else entity.original_device_class, entity.entity_id
        if entity.original_device_class in {None, "enum"}:
            assert key in ICONS["entity"][entity.domain], entity.entity_id
        capabilities = entity.capabilities or {}
        own = known.get(key, {})
        if key != "state_group":
            assert set(own.get("state", {})) == set(capabilities.get("options", ()))


def test_every_built_in_type_of_event_has_a_text() -> None:
    """Other types have the names that users gave them."""
    named = {"alarm", "raised"}
    assert named < set(ENGLISH["entity"]["event"])
    for key in set(ENGLISH["entity"]["event"]) - named:
        texts = ENGLISH["entity"]["event"][key]["state_attributes"]["event_type"][
            "state"
        ]
        assert set(texts) == {*EVENT_SLUGS.values(), OTHER}


@pytest.mark.parametrize(
    ("action", "schema", "needed"),
    [
        ("trigger_event", services.TRIGGER_EVENT_SCHEMA, {"event"}),
        ("get_events", services.GET_EVENTS_SCHEMA, set()),
        ("start_recording", services.RECORDING_SCHEMA, {"device_id"}),
        ("stop_recording", services.RECORDING_SCHEMA, {"device_id"}),
        ("get_event", services.GET_EVENT_SCHEMA, {"event_id"}),
    ],
)
def test_the_form_of_an_action_has_the_fields_that_the_action_takes(
    action: str, schema: vol.Schema, needed: set[str]
) -> None:
    """Users would not find a field that exists in YAML only."""
    fields = SERVICES[action]["fields"]
    assert set(fields) == {str(key) for key in schema.schema}
    required = {name for name, field in fields.items() if field.get("required")}
    assert required == needed
    defaults = {
        str(key): key.default()
        for key in schema.schema
        if key.default is not vol.UNDEFINED
    }
    assert defaults == {
        name: field["default"] for name, field in fields.items() if "default" in field
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_event_types_have_the_same_text(language: str) -> None:
    """Otherwise users could choose the wrong one."""
    texts = {
        path: text
        for path, text in translation(language).items()
        if path.startswith("entity.event.")
        and ".event_type.state." in path
        and "event.alarm." not in path
    }
    assert texts
    for kind in {path.split(".state.")[0] for path in texts}:
        read = [
            text.casefold() for path, text in texts.items() if path.startswith(kind)
        ]
        assert len(read) > len(EVENT_SLUGS) - 1
        assert len(set(read)) == len(read)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_entities_have_the_same_name(language: str) -> None:
    """They are next to each other on the page of a device."""
    names = [
        text.casefold()
        for path, text in translation(language).items()
        if path.startswith("entity.") and path.endswith(".name") and "{" not in text
    ]
    assert len(names) > 5
    assert len(set(names)) == len(names)
