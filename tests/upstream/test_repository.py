"""Requirements of hassfest and the stores for the repository."""

from collections.abc import Mapping
import hashlib
from importlib.metadata import requires
from pathlib import Path
import re
import struct
from typing import Any

from awesomeversion import AwesomeVersion
from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.xprotect_events.const import DOMAIN
from tests.architecture.sources import ROOT
from tests.upstream.files import FOLDER, MANIFEST, PROJECT, README, STORE

# The keys that upstream's checks accept.
MANIFEST_KEYS = {
    "after_dependencies",
    "bluetooth",
    "codeowners",
    "config_flow",
    "dependencies",
    "dhcp",
    "disabled",
    "documentation",
    "domain",
    "homekit",
    "import_executor",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "loggers",
    "mqtt",
    "name",
    "preview_features",
    "quality_scale",
    "requirements",
    "single_config_entry",
    "ssdp",
    "usb",
    "version",
    "zeroconf",
}
REQUIRED_KEYS = {
    "codeowners",
    "config_flow",
    "documentation",
    "domain",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "name",
    "version",
}
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
PINS = {path.name: path.read_text() for path in ROOT.glob("requirements/*.txt")}
STORE_KEYS: Mapping[str, type] = {
    "content_in_root": bool,
    "country": list,
    "filename": str,
    "hacs": str,
    "hide_default_branch": bool,
    "homeassistant": str,
    "name": str,
    "persistent_directory": str,
    "render_readme": bool,
    "zip_release": bool,
}
HOME_ASSISTANT_S_OWN = {"aiohttp", "orjson", "probatio", "voluptuous", "yarl"}
# The licence that stores recognise, without the line with the year.
MIT = "fe2a9817987f862eaced948f0468c7f51d2fedfc48c5c505b246a49a3870e9a5"

PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]

IMAGES = {"icon": (256, 256), "icon@2x": (512, 512)}
# The shortest side of a logo.
LOGOS = {"logo": range(128, 257), "logo@2x": range(256, 513)}


def floor() -> str:
    """Return the first release of the oldest tested Home Assistant."""
    (pinned,) = (
        found[1]
        for line in requires("pytest-homeassistant-custom-component") or ()
        if (found := re.match(r"homeassistant==(\d+\.\d+)", line))
    )
    return f"{pinned}.0"


def size(name: str) -> tuple[int, int]:
    """Return width and height of an image of the brand."""
    start = (FOLDER / "brand" / f"{name}.png").read_bytes()[:24]
    assert start.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", start[16:])
    return width, height


def test_the_manifest_is_in_the_required_order() -> None:
    """Domain and name first, then alphabetically; hassfest refuses anything else."""
    domain, name, *others = MANIFEST
    assert (domain, name) == ("domain", "name")
    assert others == sorted(others)


def test_the_manifest_has_the_required_keys_and_no_unknown_ones() -> None:
    """Without a version it is not loaded, without the rest it is not listed."""
    assert REQUIRED_KEYS <= set(MANIFEST) <= MANIFEST_KEYS


def test_the_manifest_is_right() -> None:
    """Each of these fields has an effect."""
    assert MANIFEST["domain"] == DOMAIN == FOLDER.name
    assert MANIFEST["config_flow"] is True
    assert MANIFEST["integration_type"] == "hub"
    assert MANIFEST["iot_class"] == "local_push"
    assert MANIFEST["loggers"] == [f"custom_components.{DOMAIN}"]
    assert AwesomeVersion(MANIFEST["version"]).valid
    assert MANIFEST["documentation"] == PROJECT
    assert MANIFEST["issue_tracker"] == f"{PROJECT}/issues"


def test_the_code_owner_gets_reviews_and_reports() -> None:
    """Reviews and reports go to the same people."""
    owners = (ROOT / ".github/CODEOWNERS").read_text().split("*", 1)[1].split()
    assert owners == MANIFEST["codeowners"]
    assert all(owner.startswith("@") for owner in owners)


def test_requirements_are_pinned_and_not_home_assistant_s_own() -> None:
    """A range could include an untested version."""
    for requirement in MANIFEST["requirements"]:
        name, exactly, version = requirement.partition("==")
        assert exactly, requirement
        assert AwesomeVersion(version).valid
        assert name.lower() not in HOME_ASSISTANT_S_OWN


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_third_party_action_is_pinned_by_its_commit(workflow: Path) -> None:
    """A tag can be moved, and workflows may publish releases."""
    used = re.findall(r"uses: *(\S+)", workflow.read_text())
    assert used
    assert [
        one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)
    ] == []


@pytest.mark.parametrize("name", sorted(PINS), ids=str)
def test_every_package_is_pinned_by_its_hash(name: str) -> None:
    """An index may serve another file with the same version."""
    pins = PINS[name].replace("\\\n", " ").splitlines()
    packages = [one for one in pins if one and not one.startswith("#")]
    assert packages
    assert [one for one in packages if "--hash=sha256:" not in one] == []


def test_a_release_has_an_attestation() -> None:
    """The origin of a zip can be verified."""
    release = (ROOT / ".github/workflows/release.yml").read_text()
    assert release.index("actions/attest@") < release.index("gh release create")


def test_the_file_for_the_store_has_only_known_keys() -> None:
    """HACS refuses a file with any other key."""
    assert set(STORE) <= set(STORE_KEYS)
    assert STORE["name"]
    for key, value in STORE.items():
        assert isinstance(value, STORE_KEYS[key]), key


def test_the_oldest_home_assistant_is_the_same_everywhere() -> None:
    """The store allows it from this version on, and the tests use this version."""
    assert STORE["homeassistant"] == floor()
    short = floor().removesuffix(".0")
    for text in (README, (ROOT / "info.md").read_text()):
        assert f"Home Assistant {short} or later" in text


@pytest.mark.parametrize("kind", ["", "dark_"])
def test_icon_and_logo_have_the_required_sizes(kind: str) -> None:
    """Others would be blurred, or refused."""
    for name, expected in IMAGES.items():
        assert size(f"{kind}{name}") == expected
    for name, sides in LOGOS.items():
        assert min(size(f"{kind}{name}")) in sides
    (width, height), large = size(f"{kind}logo"), size(f"{kind}logo@2x")
    assert large == (2 * width, 2 * height)


def test_the_licence_is_mit_word_for_word() -> None:
    """HACS asks GitHub, which recognises licences by their text."""
    title, copyright_line, words = (ROOT / "LICENSE").read_text().split("\n\n", 2)
    assert title == "MIT License"
    assert re.fullmatch(r"Copyright \(c\) \d{4} .+", copyright_line)
    plain = " ".join(words.split())
    assert hashlib.sha256(plain.encode()).hexdigest() == MIT


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page: its headings in GitHub's form."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_page_of_the_project_works(page: Path) -> None:
    """Otherwise users would find the dead links."""
    text = page.read_text()
    for name, anchor in re.findall(r"\]\((?!\w+:)([^)#]*)#?([^)]*)\)", text):
        target = page.parent / name if name else page
        assert target.exists(), name
        assert not anchor or anchor in anchors(target), f"{name}#{anchor}"
    for name in re.findall(rf"{PROJECT}/blob/main/([^)#\s]+)", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r'src(?:set)?="([^":]+)"', text):
        assert (page.parent / name).exists(), name


def forms() -> dict[str, dict[str, Any]]:
    """Return the forms for reports by their names."""
    folder = ROOT / ".github/ISSUE_TEMPLATE"
    return {path.stem: load_yaml_dict(str(path)) for path in folder.glob("*.yml")}


def test_reports_are_made_by_forms() -> None:
    """Forms ask for the necessary information."""
    found = forms()
    config = found.pop("config")
    assert config["blank_issues_enabled"] is False
    assert set(found) == {"bug", "feature"}
    for form in found.values():
        assert form["name"]
        assert form["description"]
        inputs = [item for item in form["body"] if item["type"] != "markdown"]
        ids = [item["id"] for item in inputs]
        assert len(ids) == len(set(ids))
        assert all(item["attributes"]["label"] for item in inputs)


def test_the_form_for_bugs_asks_for_versions_and_diagnostics() -> None:
    """Otherwise versions, diagnostics and log would have to be requested."""
    asked = {item.get("id") for item in forms()["bug"]["body"]}
    assert asked >= {
        "diagnostics",
        "home_assistant",
        "integration",
        "log",
        "what_happened",
        "xprotect",
    }
