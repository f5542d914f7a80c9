"""Hassfest's requirements for actions and icons."""

from collections.abc import Iterator

from homeassistant.helpers.selector import validate_selector
import pytest

from tests.upstream.files import ENGLISH, ICONS, SERVICES, texts

FIELD_KEYS = {"advanced", "default", "example", "filter", "required", "selector"}


def fields() -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield every field of every action with its names."""
    for action, described in SERVICES.items():
        for name, field in described["fields"].items():
            yield action, name, field


def test_actions_texts_and_icons_name_the_same_actions_and_fields() -> None:
    """Users see actions in a list."""
    assert set(SERVICES) == set(ENGLISH["services"]) == set(ICONS["services"])
    for name, action in SERVICES.items():
        described = ENGLISH["services"][name]
        assert described["name"]
        assert described["description"]
        assert set(described["fields"]) == set(action["fields"])


@pytest.mark.parametrize(("action", "name", "field"), list(fields()))
def test_a_field_can_be_filled_in(
    action: str, name: str, field: dict[str, object]
) -> None:
    """Without a selector the visual editor shows a field for YAML."""
    assert set(field) <= FIELD_KEYS
    assert validate_selector(field["selector"])
    described = ENGLISH["services"][action]["fields"][name]
    assert described["name"]
    assert described["description"]


def test_icons_are_from_home_assistants_set() -> None:
    """Others would be empty squares."""
    assert all(icon.startswith("mdi:") for _, icon in texts(ICONS))
    assert set(ICONS) <= {"entity", "services"}


def test_an_icon_of_a_state_differs_from_the_entity_s_own() -> None:
    """Hassfest refuses one that does not."""
    for platform, entities in ICONS["entity"].items():
        for key, icon in entities.items():
            assert set(icon) <= {"default", "state", "state_attributes"}
            assert icon["default"]
            for state, own in icon.get("state", {}).items():
                assert own != icon["default"], f"{platform}.{key}.{state}"


def test_icons_belong_to_entities_that_exist() -> None:
    """Icons of removed entities are useless."""
    for platform, entities in ICONS["entity"].items():
        assert set(entities) <= set(ENGLISH["entity"][platform])
