"""Every issue has a cause at the server, and disappears with it."""

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.entries import POLLS_RARELY, load
from tests.integration.issues.conftest import (
    AN_HOUR,
    MINUTES,
    SITE,
    ShownIssues,
    state_of,
)
from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options, Simulator


async def test_a_site_that_works_has_no_issues(
    unset_scene: Scene, shown_issues: ShownIssues
) -> None:
    """Too many messages are not read."""
    await unset_scene.set_up()
    await unset_scene.time.passes(20 * MINUTES)
    assert shown_issues() == {}


class TestRights:
    """A role with too few rights."""

    @pytest.mark.parametrize("entry_options", [POLLS_RARELY], ids=str)
    async def test_lists_that_may_not_be_read_are_named(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Missing entities look like a bug unless a repair explains them."""
        identity = unset_scene.simulator.identity
        identity.forbid("eventTypes", "microphones")
        await unset_scene.set_up()
        assert shown_issues() == {
            "lists_forbidden": {**SITE, "lists": "eventTypes, microphones"}
        }
        identity.allow("eventTypes")
        await unset_scene.time.passes(AN_HOUR)
        assert shown_issues() == {"lists_forbidden": {**SITE, "lists": "microphones"}}
        identity.allow("microphones")
        await unset_scene.time.passes(AN_HOUR)
        assert shown_issues() == {}

    async def test_events_that_may_not_be_read_open_an_issue_at_once(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Without this right no event arrives."""
        identity = unset_scene.simulator.identity
        await unset_scene.set_up()
        identity.forbid("events", "eventSessions")
        await unset_scene.time.passes(10)
        assert shown_issues() == {"permission_denied": SITE}
        assert unset_scene.delivery == "down"
        identity.allow("events", "eventSessions")
        await unset_scene.time.passes(2 * MINUTES)
        assert shown_issues() == {}
        assert unset_scene.delivery == "poll"

    async def test_a_site_that_may_not_be_read_opens_an_issue_while_it_is_tried_again(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """The entry cannot be loaded, so nothing else shows the problem."""
        identity, entry = unset_scene.simulator.identity, unset_scene.entry
        identity.forbid("sites", "recordingServers")
        hass = unset_scene.hass
        await hass.config_entries.async_setup(entry.entry_id)
        assert state_of(entry) is ConfigEntryState.SETUP_RETRY
        await unset_scene.time.passes(2 * MINUTES)
        assert shown_issues() == {"permission_denied": SITE}
        identity.allow("sites", "recordingServers")
        await unset_scene.time.passes(5 * MINUTES)
        assert state_of(entry) is ConfigEntryState.LOADED
        assert shown_issues() == {}

    async def test_an_entry_that_is_disabled_while_it_is_tried_again_has_no_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """The user does not use it."""
        entry, hass = unset_scene.entry, unset_scene.hass
        unset_scene.simulator.identity.forbid("sites", "recordingServers")
        await hass.config_entries.async_setup(entry.entry_id)
        assert shown_issues() == {"permission_denied": SITE}
        await hass.config_entries.async_set_disabled_by(
            entry.entry_id, ConfigEntryDisabler.USER
        )
        assert shown_issues() == {}

    async def test_an_outage_does_not_hide_a_missing_right(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """An unreachable server says nothing about rights."""
        await unset_scene.set_up()
        unset_scene.simulator.identity.forbid("events", "eventSessions")
        await unset_scene.time.passes(10)
        unset_scene.simulator.faults.enable("event_server_down")
        await unset_scene.time.passes(2 * MINUTES)
        assert shown_issues() == {"permission_denied": SITE}


class TestTokens:
    """A server that refuses its own tokens."""

    async def test_a_refusal_of_ten_minutes_opens_an_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Shorter ones happen whenever the identity provider is restarted."""
        faults = unset_scene.simulator.faults
        await unset_scene.set_up()
        faults.enable("unauthorized")
        await unset_scene.time.passes(9 * MINUTES)
        assert shown_issues() == {}
        await unset_scene.time.passes(3 * MINUTES)
        assert shown_issues() == {"token_refused": SITE}
        faults.clear()
        await unset_scene.time.passes(2 * MINUTES)
        assert shown_issues() == {}

    async def test_a_short_refusal_opens_no_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Two short ones do not add up, either."""
        faults = unset_scene.simulator.faults
        await unset_scene.set_up()
        for _ in range(2):
            faults.enable("unauthorized")
            await unset_scene.time.passes(7 * MINUTES)
            faults.clear()
            await unset_scene.time.passes(2 * MINUTES)
        await unset_scene.time.passes(20 * MINUTES)
        assert shown_issues() == {}

    async def test_a_refusal_of_an_entry_that_cannot_be_loaded_opens_an_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """The ten minutes continue over every attempt to set it up."""
        unset_scene.simulator.faults.enable("unauthorized")
        entry = unset_scene.entry
        await unset_scene.hass.config_entries.async_setup(entry.entry_id)
        await unset_scene.time.passes(9 * MINUTES)
        assert shown_issues() == {}
        await unset_scene.time.passes(2 * MINUTES)
        assert state_of(entry) is ConfigEntryState.SETUP_RETRY
        assert shown_issues() == {"token_refused": SITE}
        unset_scene.simulator.faults.clear()
        # By now Home Assistant itself waits that long between attempts.
        await unset_scene.time.passes(11 * MINUTES)
        assert state_of(entry) is ConfigEntryState.LOADED
        assert shown_issues() == {}


class TestVersion:
    """A server that is too old, or does not send its version."""

    @pytest.mark.parametrize(
        "simulator_options", [Options(scenario="quiet", product_version="22.3.4.1")]
    )
    @pytest.mark.parametrize("entry_options", [POLLS_RARELY], ids=str)
    async def test_an_old_version_has_an_issue_until_the_server_is_updated(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """A restored backup may be of an older version."""
        simulator = unset_scene.simulator
        simulator.faults.enable("events_api_missing")
        await unset_scene.set_up()
        assert shown_issues() == {"server_too_old": {**SITE, "version": "22.3.4.1"}}
        simulator.faults.clear()
        simulator.world.product_version = "25.2.16119.1"
        await unset_scene.time.passes(AN_HOUR)
        assert shown_issues() == {}

    @pytest.mark.parametrize(
        "simulator_options",
        [
            Options(scenario="quiet", product_version=version)
            for version in ("", "next", "1.", "²³.²", "9" * 5000 + ".1", "100.1")
        ],
    )
    async def test_a_version_that_cannot_be_read_is_not_too_old(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Then the version is unknown."""
        await unset_scene.set_up()
        assert shown_issues() == {}


@pytest.fixture
async def troubled(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> MockConfigEntry:
    """Set the integration up for a user who may not read everything."""
    simulator.identity.forbid("eventTypes")
    await load(hass, entry)
    return entry


@pytest.mark.parametrize("ignored", [False, True])
async def test_removing_an_entry_removes_its_issues(
    hass: HomeAssistant, troubled: MockConfigEntry, ignored: bool
) -> None:
    """A repair of a removed entry has no purpose."""
    registry = ir.async_get(hass)
    issue_id = f"lists_forbidden_{troubled.entry_id}"
    assert registry.async_get_issue(DOMAIN, issue_id)
    ir.async_ignore_issue(hass, DOMAIN, issue_id, ignore=ignored)
    await hass.config_entries.async_remove(troubled.entry_id)
    assert registry.async_get_issue(DOMAIN, issue_id) is None


async def test_unloading_an_entry_removes_its_issues(
    hass: HomeAssistant, troubled: MockConfigEntry
) -> None:
    """A disabled site has no problems."""
    registry = ir.async_get(hass)
    assert [one for one in registry.issues.values() if one.domain == DOMAIN]
    await hass.config_entries.async_unload(troubled.entry_id)
    assert not [one for one in registry.issues.values() if one.domain == DOMAIN]


async def test_hostile_names_are_plain_text_in_issues(
    unset_scene: Scene, shown_issues: ShownIssues
) -> None:
    """Texts of issues are Markdown, and names come from the server."""
    hass, entry = unset_scene.hass, unset_scene.entry
    hass.config_entries.async_update_entry(entry, title="![x](http://evil) <b>" * 50)
    unset_scene.simulator.identity.forbid("eventTypes")
    await unset_scene.set_up()
    name = shown_issues()["lists_forbidden"]["name"]
    assert len(name) <= 101
    assert not set("[]<>") & set(name)
    assert "://" not in name
