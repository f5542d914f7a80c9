"""Hassfest's requirements for the texts, in every language."""

from collections.abc import Iterator
import re

import pytest

from tests.upstream.files import ENGLISH, FOLDER, LANGUAGES, placeholders, translation

KEY = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
ADDRESS = re.compile(r"\w+://\w|\bwww\.", re.IGNORECASE)
MARKUP = re.compile(r"<[a-z/]", re.IGNORECASE)
# In the frontend's messages an apostrophe before braces quotes them, so the name would
# be shown.
QUOTED_PLACEHOLDER = re.compile(r"'\{|\}'")
BLOCKS = {
    "common",
    "config",
    "entity",
    "exceptions",
    "issues",
    "options",
    "selector",
    "services",
    "system_health",
}


def faults(path: str, text: str) -> Iterator[str]:
    """Yield the objections of upstream's checks to a text."""
    if not text or text != text.strip():
        yield "is empty or has spaces around it"
    if ADDRESS.search(text):
        yield "has an address, which belongs into a placeholder"
    if MARKUP.search(text):
        yield "has markup"
    if QUOTED_PLACEHOLDER.search(text):
        yield "quotes a placeholder"
    if "[%" in text:
        yield "refers to another text, which only the core's own can"
    if text.count("{") != text.count("}"):
        yield "has a brace too many"
        return
    if not all(name.isidentifier() for name in placeholders(text)):
        yield "has a placeholder that is no name"
    if ".state." in path and placeholders(text):
        yield "has a placeholder in a state"
    if not all(KEY.fullmatch(key) for key in path.split(".")):
        yield "has a key that is none"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_same_texts_and_placeholders(language: str) -> None:
    """Home Assistant shows English if a placeholder is missing."""
    english, other = translation("en"), translation(language)
    assert set(other) == set(english)
    for path, text in other.items():
        assert placeholders(text) == placeholders(english[path]), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_have_the_form_that_upstream_s_checks_require(language: str) -> None:
    """A store that runs these checks would refuse the repository."""
    found = [
        f"{path} {fault}"
        for path, text in translation(language).items()
        for fault in faults(path, text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.b", ""),
        ("a.b", "Site "),
        ("a.b", "See https://example.com."),
        ("a.b", "See www.example.com."),
        ("a.b", "A <b>bold</b> word"),
        ("a.b", "The event '{event}' is unknown."),
        ("a.b", "[%key:common::config_flow::data::url%]"),
        ("a.b", "An {open brace"),
        ("a.b", "The {0} of {a b}"),
        ("entity.sensor.a.state.b", "In {place}"),
        ("a.B c", "Text"),
    ],
)
def test_a_text_that_upstream_refuses_is_found(path: str, text: str) -> None:
    """Otherwise the other test would prove nothing."""
    assert list(faults(path, text))


def test_english_is_there_and_others_are_named_as_home_assistant_names_them() -> None:
    """A file with another name is never read."""
    assert "en" in LANGUAGES
    assert all(re.fullmatch("[a-z]{2}(-[A-Z][A-Za-z]+)?", one) for one in LANGUAGES)


def test_there_are_only_blocks_of_texts_that_home_assistant_uses() -> None:
    """A misspelt block would never be shown."""
    assert set(ENGLISH) <= BLOCKS


def test_a_description_belongs_to_a_field() -> None:
    """A description of a removed field would be refused."""
    for category in ("config", "options"):
        for step in ENGLISH[category]["step"].values():
            for form in (step, *step.get("sections", {}).values()):
                described = set(form.get("data_description", {}))
                assert described == set(form.get("data", {}))


def test_there_is_no_second_file_of_english_texts() -> None:
    """Only Home Assistant's own integrations use `strings.json`: a copy would age."""
    assert not (FOLDER / "strings.json").exists()
