"""An unencrypted address in a network is an issue until it is changed."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import issue_registry as ir
from homeassistant.loader import async_get_integration
import pytest

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.issues.conftest import restart_entry, state_of
from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options, Simulator


def through_a_network(scene: Scene) -> dict[str, object]:
    """Return the entry's data with the server's name for its address."""
    url = f"http://xprotect.example:{scene.simulator.port}"
    return {**scene.entry.data, "url": url}


@pytest.mark.usefixtures("names")
class TestClearText:
    """An address that begins with http."""

    def issue(self, scene: Scene) -> ir.IssueEntry | None:
        """Return the issue about the unencrypted address."""
        return ir.async_get(scene.hass).async_get_issue(
            DOMAIN, f"clear_text_{scene.entry.entry_id}"
        )

    async def test_an_unencrypted_address_opens_an_issue_with_a_link(
        self, unset_scene: Scene
    ) -> None:
        """The password is sent with every sign-in."""
        hass, entry = unset_scene.hass, unset_scene.entry
        hass.config_entries.async_update_entry(
            entry, data=through_a_network(unset_scene)
        )
        await unset_scene.set_up()
        issue = self.issue(unset_scene)
        assert issue is not None
        integration = await async_get_integration(unset_scene.hass, DOMAIN)
        assert issue.learn_more_url == integration.documentation
        assert issue.severity is ir.IssueSeverity.WARNING
        assert not issue.is_fixable

    async def test_an_ignored_issue_stays_ignored(self, unset_scene: Scene) -> None:
        """In a private network users may accept it."""
        hass, entry = unset_scene.hass, unset_scene.entry
        hass.config_entries.async_update_entry(
            entry, data=through_a_network(unset_scene)
        )
        await unset_scene.set_up()
        issue = self.issue(unset_scene)
        assert issue is not None
        ir.async_ignore_issue(unset_scene.hass, DOMAIN, issue.issue_id, ignore=True)
        await restart_entry(unset_scene)
        again = self.issue(unset_scene)
        assert again is not None
        assert again.dismissed_version is not None

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
    async def test_an_address_on_the_same_machine_opens_no_issue(
        self, unset_scene: Scene, host: str
    ) -> None:
        """An unnecessary warning teaches users to ignore warnings."""
        hass, entry = unset_scene.hass, unset_scene.entry
        url = f"http://{host}:{unset_scene.simulator.port}"
        hass.config_entries.async_update_entry(entry, data={**entry.data, "url": url})
        await unset_scene.set_up()
        assert self.issue(unset_scene) is None

    @pytest.mark.parametrize("simulator_options", [Options(scenario="quiet", tls=True)])
    async def test_an_encrypted_address_is_no_issue(self, unset_scene: Scene) -> None:
        """Even without verification of the certificate, which the user has chosen."""
        data = {**unset_scene.entry.data, "verify_ssl": False}
        hass, entry = unset_scene.hass, unset_scene.entry
        hass.config_entries.async_update_entry(entry, data=data)
        await unset_scene.set_up()
        assert self.issue(unset_scene) is None

    async def test_a_changed_address_ends_the_issue(self, unset_scene: Scene) -> None:
        """The issue itself recommends this."""
        hass, entry = unset_scene.hass, unset_scene.entry
        hass.config_entries.async_update_entry(
            entry, data=through_a_network(unset_scene)
        )
        await unset_scene.set_up()
        assert self.issue(unset_scene)
        options = Options(scenario="quiet", tls=True)
        async with Simulator(options, clock=unset_scene.simulator.clock) as encrypted:
            data = {**entry.data, "url": encrypted.url, "verify_ssl": False}
            hass.config_entries.async_update_entry(entry, data=data)
            await restart_entry(unset_scene)
            assert state_of(entry) is ConfigEntryState.LOADED
            assert self.issue(unset_scene) is None
            await hass.config_entries.async_unload(entry.entry_id)
