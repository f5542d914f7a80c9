"""The quality scale's rules of devices and entities, checked at a simulated site."""

from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.integration import conftest as integration
from tests.upstream.quality import status

# The same site as in other tests.
clock = integration.clock
simulator_options = integration.simulator_options
one_clock = integration.one_clock
simulator = integration.simulator
entry_options = integration.entry_options
entry = integration.entry
loaded = integration.loaded


@pytest.fixture
def entities(
    loaded: MockConfigEntry, entity_registry: er.EntityRegistry
) -> list[er.RegistryEntry]:
    """Return every entity of the site."""
    return er.async_entries_for_config_entry(entity_registry, loaded.entry_id)


def test_every_entity_has_a_permanent_unique_id(
    hass: HomeAssistant, loaded: MockConfigEntry, entities: list[er.RegistryEntry]
) -> None:
    """`entity-unique-id`, `has-entity-name`: a rename in XProtect adds no entity."""
    assert len(entities) > 40
    assert loaded.unique_id is not None
    for entity in entities:
        assert entity.unique_id.startswith(loaded.unique_id)
        assert entity.has_entity_name
        assert entity.device_id
    of_ours = {entity.entity_id for entity in entities}
    domains = {entity.domain for entity in entities}
    assert set(hass.states.async_entity_ids(domains)) <= of_ours


def test_entities_are_named_by_translations_or_by_their_class(
    entities: list[er.RegistryEntry],
) -> None:
    """`entity-translations`: a name in the code would be English in every language."""
    for entity in entities:
        assert entity.translation_key or entity.original_device_class, entity.entity_id


def test_entities_have_categories_and_device_classes(
    entities: list[er.RegistryEntry],
) -> None:
    """`entity-category`, `entity-device-class`, `entity-disabled-by-default`."""
    classes = {
        (entity.domain, str(entity.original_device_class)) for entity in entities
    }
    assert classes >= {
        ("binary_sensor", "connectivity"),
        ("binary_sensor", "motion"),
        ("binary_sensor", "running"),
        ("sensor", "enum"),
    }
    for entity in entities:
        is_diagnostic = entity.entity_category is EntityCategory.DIAGNOSTIC
        if entity.original_device_class == "connectivity" or entity.domain == "sensor":
            assert is_diagnostic, entity.entity_id
        if entity.original_device_class == "motion":
            assert not is_diagnostic, entity.entity_id
    assert any(entity.disabled_by for entity in entities)


def test_devices_have_facts_and_links(
    loaded: MockConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    """`devices`: one service, and everything else below it."""
    devices = dr.async_entries_for_config_entry(device_registry, loaded.entry_id)
    (site,) = (one for one in devices if one.entry_type is dr.DeviceEntryType.SERVICE)
    assert site.via_device_id is None
    assert site.manufacturer
    assert site.sw_version
    assert len(devices) > 6
    for device in devices:
        assert device.name
        assert device is site or device.via_device_id


def test_these_rules_are_claimed() -> None:
    """Otherwise this file would check rules that are not claimed."""
    assert {
        status(rule)
        for rule in (
            "devices",
            "entity-category",
            "entity-device-class",
            "entity-disabled-by-default",
            "entity-translations",
            "entity-unique-id",
            "has-entity-name",
        )
    } == {"done"}
