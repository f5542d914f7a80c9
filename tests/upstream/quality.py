"""The rules of Home Assistant's quality scale, and our claims."""

from typing import Any

from homeassistant.util.yaml import load_yaml_dict

from tests.upstream.files import FOLDER

BRONZE = (
    "action-setup",
    "appropriate-polling",
    "brands",
    "common-modules",
    "config-flow-test-coverage",
    "config-flow",
    "dependency-transparency",
    "docs-actions",
    "docs-conditions",
    "docs-high-level-description",
    "docs-installation-instructions",
    "docs-removal-instructions",
    "docs-triggers",
    "entity-event-setup",
    "entity-unique-id",
    "has-entity-name",
    "runtime-data",
    "test-before-configure",
    "test-before-setup",
    "unique-config-entry",
)
SILVER = (
    "action-exceptions",
    "config-entry-unloading",
    "docs-configuration-parameters",
    "docs-installation-parameters",
    "entity-unavailable",
    "integration-owner",
    "log-when-unavailable",
    "parallel-updates",
    "reauthentication-flow",
    "test-coverage",
)
GOLD = (
    "devices",
    "diagnostics",
    "discovery",
    "discovery-update-info",
    "docs-data-update",
    "docs-examples",
    "docs-known-limitations",
    "docs-supported-devices",
    "docs-supported-functions",
    "docs-troubleshooting",
    "docs-use-cases",
    "dynamic-devices",
    "entity-category",
    "entity-device-class",
    "entity-disabled-by-default",
    "entity-translations",
    "exception-translations",
    "icon-translations",
    "reconfiguration-flow",
    "repair-issues",
    "stale-devices",
)
PLATINUM = ("async-dependency", "inject-websession", "strict-typing")
RULES = (*BRONZE, *SILVER, *GOLD, *PLATINUM)

CLAIMS: dict[str, Any] = load_yaml_dict(str(FOLDER / "quality_scale.yaml"))["rules"]


def status(rule: str) -> str:
    """Return `done`, `exempt` or `todo`."""
    claim = CLAIMS[rule]
    found = claim if isinstance(claim, str) else claim["status"]
    assert isinstance(found, str)
    return found


def comment(rule: str) -> str:
    """Return the comment at a claim, or an empty text."""
    claim = CLAIMS[rule]
    return "" if isinstance(claim, str) else str(claim.get("comment", ""))
