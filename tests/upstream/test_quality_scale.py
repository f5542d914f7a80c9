"""Our assessment by the quality scale is complete, and the code does not refute it."""

from collections.abc import Callable
import re
import tomllib

from homeassistant.const import Platform
import pytest

from tests.architecture.sources import ROOT
from tests.architecture.test_raises import untranslated
from tests.upstream import source_code as code
from tests.upstream.files import FOLDER, MANIFEST
from tests.upstream.quality import CLAIMS, RULES, comment, status

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
LEAST = SETTINGS["tool"]["xprotect_events"]["coverage"]
PLATFORMS = sorted(set(code.MODULES) & {str(platform) for platform in Platform})
FLOWS = ("config_flow", "options_flow")
FOUND_BY = ("bluetooth", "dhcp", "homekit", "mqtt", "ssdp", "usb", "zeroconf")
# Modules whose log lines are errors that are not reported otherwise.
ACTION_MODULES = [name for name in code.MODULES if name.startswith("service")]
# There is no entry yet when the form has read the lists.
BEFORE_THE_ENTRY = "first_reading"
KEPT_ELSEWHERE = re.compile(r"hass\.data(\[DOMAIN|\.setdefault|\[\w+\] = )")
# Modules that block the event loop while they wait.
BLOCKING = {"http.client", "requests", "requests_ntlm", "urllib.request", "urllib3"}


def imported() -> set[str]:
    """Return every module that the integration imports."""
    return {one.module for source in code.ALL for one in source.imports}


def entities_unsubscribe() -> bool:
    """Return whether subscriptions end with the entity."""
    added, removed = "async_added_to_hass", "async_will_remove_from_hass"
    if any(map(list, map(code.overrides_that_forget_their_base, (added, removed)))):
        return False
    return all(
        removed in functions or "async_on_remove" in code.names(functions[added])
        for functions in (code.functions(source.name) for source in code.ALL)
        if added in functions
    )


# Each returns true unless the code contradicts the claim.
CHECKS: dict[str, Callable[[], bool]] = {
    "action-setup": lambda: (
        "async_setup_services" in code.names(code.functions("__init__")["async_setup"])
        and not code.using("async_remove_service", "async_register_platform_entity")
        and {source.name for source in code.using("async_register_admin_service")}
        == {"services"}
    ),
    "appropriate-polling": lambda: bool(comment("appropriate-polling")),
    "brands": (FOLDER / "brand/icon.png").is_file,
    "common-modules": lambda: (
        code.subclasses("DataUpdateCoordinator")
        == {
            "alarm_coordinator",
            "event_coordinator",
            "inventory_coordinator",
            "storage_coordinator",
        }
        and code.subclasses("Entity") == {"entity"}
    ),
    "config-flow-test-coverage": lambda: all(
        LEAST.get(f"custom_components/xprotect_events/{name}.py") == 100
        for name in FLOWS
    ),
    "config-flow": lambda: MANIFEST["config_flow"] is True,
    "dependency-transparency": lambda: all(
        "==" in one for one in MANIFEST["requirements"]
    ),
    "entity-event-setup": entities_unsubscribe,
    "entity-unique-id": lambda: code.uses("entity", "_attr_unique_id"),
    "has-entity-name": lambda: code.uses("entity", "_attr_has_entity_name"),
    "runtime-data": lambda: (
        not any(
            KEPT_ELSEWHERE.search(source.text)
            for source in code.ALL
            if source.name != BEFORE_THE_ENTRY
        )
        and code.uses("__init__", "runtime_data")
    ),
    "test-before-configure": lambda: code.uses("config_flow", "async_check_site"),
    "test-before-setup": lambda: code.uses(
        "__init__", "async_config_entry_first_refresh"
    ),
    "unique-config-entry": lambda: code.uses(
        "config_flow", "async_set_unique_id", "_abort_if_unique_id_configured"
    ),
    "action-exceptions": lambda: (
        not any(
            {"exception", "error", "warning"} & code.names(code.MODULES[name].tree)
            for name in ACTION_MODULES
        )
    ),
    "config-entry-unloading": lambda: code.defines("__init__", "async_unload_entry"),
    "entity-unavailable": lambda: code.uses("entity", "_attr_available"),
    "integration-owner": lambda: bool(MANIFEST["codeowners"]),
    "parallel-updates": lambda: all(
        isinstance(code.assigned(platform).get("PARALLEL_UPDATES"), int)
        for platform in PLATFORMS
    ),
    "reauthentication-flow": lambda: code.defines(
        "config_flow", "async_step_reauth", "async_step_reauth_confirm"
    ),
    "test-coverage": lambda: LEAST["custom_components"] >= 95,
    "diagnostics": lambda: (
        code.defines("diagnostics", "async_get_config_entry_diagnostics")
        and code.uses("diagnostics", "async_redact_data")
    ),
    "discovery": lambda: status("discovery") == "exempt",
    "exception-translations": lambda: (
        not any(list(untranslated(source.tree)) for source in code.ALL)
    ),
    "icon-translations": lambda: (
        (FOLDER / "icons.json").is_file() and not code.using("_attr_icon", "icon")
    ),
    "reconfiguration-flow": lambda: (
        code.defines("config_flow", "async_step_reconfigure")
        and code.uses("config_flow", "_abort_if_unique_id_mismatch")
    ),
    "repair-issues": lambda: bool(code.using("async_create_issue")),
    "stale-devices": lambda: (
        code.defines("__init__", "async_remove_config_entry_device")
        and bool(code.using("async_remove_device"))
    ),
    "async-dependency": lambda: not (BLOCKING & imported()),
    "inject-websession": lambda: (
        {source.name for source in code.ALL if code.calls(source, "ClientSession")}
        == {"api.upgrade", "api.windows_login"}
        and "NTLM" in comment("inject-websession")
        and "redirects" in comment("inject-websession")
    ),
    "strict-typing": lambda: (
        SETTINGS["tool"]["mypy"]["strict"] is True
        and (FOLDER / "api/py.typed").is_file()
        and not any("type: ignore" in source.text for source in code.ALL)
    ),
}


def test_every_rule_has_a_claim_and_no_other() -> None:
    """The list of 2025 had two rules fewer."""
    assert len(RULES) == len(set(RULES)) == 54
    assert set(CLAIMS) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_rules_that_are_not_done_have_a_reason(rule: str) -> None:
    """An exemption needs a reason."""
    assert status(rule) in {"done", "exempt", "todo"}
    if status(rule) != "done":
        assert len(comment(rule).split()) >= 4


def test_only_rules_that_do_not_apply_are_exempt() -> None:
    """Every other rule can be met."""
    assert {rule for rule in RULES if status(rule) == "exempt"} <= {
        "discovery",
        "discovery-update-info",
        "docs-conditions",
        "docs-triggers",
    }


def test_exempt_features_do_not_exist() -> None:
    """If triggers or discovery were added, the exemption would be wrong."""
    assert not set(FOUND_BY) & set(MANIFEST)
    assert not any(
        (FOLDER / f"{name}.yaml").exists() for name in ("triggers", "conditions")
    )
    assert not {"trigger", "condition"} & set(code.MODULES)


@pytest.mark.parametrize("rule", CHECKS)
def test_the_code_does_not_contradict_a_claim(rule: str) -> None:
    """Readers of the list rely on it."""
    assert rule in RULES
    assert CHECKS[rule]() or status(rule) == "todo"


def test_platforms_are_found() -> None:
    """Otherwise the other tests would check nothing."""
    assert {"binary_sensor", "event", "sensor"} <= set(PLATFORMS)


@pytest.mark.parametrize(
    "line",
    ["hass.data[DOMAIN]", "self._hass.data.setdefault(KEY, {})", "hass.data[KEY] = 1"],
)
def test_data_outside_the_entry_is_found(line: str) -> None:
    """Otherwise the other tests would prove nothing."""
    assert KEPT_ELSEWHERE.search(line)
