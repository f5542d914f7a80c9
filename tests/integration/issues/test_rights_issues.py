"""Issues of an account with too many or too few rights."""

import pytest

from tests.integration.entries import POLLS_RARELY
from tests.integration.issues.conftest import (
    AN_HOUR,
    SITE,
    ShownIssues,
)
from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options
from xprotect_simulator.site.security import ACTIVATE, PLAYBACK, READ, TRIGGER


@pytest.mark.parametrize("simulator_options", [Options(is_administrator=True)], ids=str)
@pytest.mark.parametrize("entry_options", [POLLS_RARELY], ids=str)
async def test_an_administrators_account_has_an_issue_until_it_is_changed(
    unset_scene: Scene, shown_issues: ShownIssues
) -> None:
    """An attacker in Home Assistant would also control the video system."""
    await unset_scene.set_up()
    assert shown_issues() == {"administrator": SITE}
    unset_scene.simulator.identity.user().is_administrator = False
    await unset_scene.time.passes(AN_HOUR)
    assert shown_issues() == {}


@pytest.mark.parametrize(
    ("resource", "action", "issue"),
    [
        ("cameras", READ, "cameras_hidden"),
        ("userDefinedEvents", TRIGGER, "trigger_forbidden"),
    ],
)
async def test_a_withdrawn_right_has_an_issue_until_it_is_given_back(
    unset_scene: Scene,
    shown_issues: ShownIssues,
    resource: str,
    action: str,
    issue: str,
) -> None:
    """While running: a change of the role is a change of the configuration."""
    identity, world = unset_scene.simulator.identity, unset_scene.simulator.world
    await unset_scene.set_up()
    assert shown_issues() == {}
    identity.deny(resource, action)
    world.rename(world.site, world.site.name)
    await unset_scene.time.passes(60)
    assert shown_issues() == {issue: SITE}
    identity.grant(resource, action)
    world.rename(world.site, world.site.name)
    await unset_scene.time.passes(60)
    assert shown_issues() == {}


@pytest.mark.parametrize(
    ("entry_options", "expected"),
    [
        ({"delivery": "poll"}, {}),
        (
            {"delivery": "poll", "switch_outputs": True},
            {"outputs_forbidden": SITE},
        ),
        ({"delivery": "poll", "pictures": "gateway"}, {}),
        (
            {"delivery": "poll", "pictures": "recorders"},
            {"playback_forbidden": SITE},
        ),
    ],
    ids=str,
)
async def test_rights_for_an_option_are_only_missing_with_the_option(
    unset_scene: Scene, shown_issues: ShownIssues, expected: object
) -> None:
    """The documentation recommends to withhold these rights."""
    unset_scene.simulator.identity.deny("outputs", ACTIVATE)
    unset_scene.simulator.identity.deny("cameras", PLAYBACK)
    await unset_scene.set_up()
    assert shown_issues() == expected


async def test_unknown_rights_count_as_granted(
    unset_scene: Scene, shown_issues: ShownIssues
) -> None:
    """Wrong advice would be worse; a missing right shows when it is needed."""
    unset_scene.simulator.faults.enable("forbidden:securitynamespaces")
    unset_scene.simulator.identity.deny("userDefinedEvents", TRIGGER)
    await unset_scene.set_up()
    assert shown_issues() == {}


async def test_a_deleted_camera_is_not_a_lost_right(
    unset_scene: Scene, shown_issues: ShownIssues
) -> None:
    """Its device is removed after a day, without an issue."""
    await unset_scene.set_up()
    unset_scene.simulator.world.remove(unset_scene.simulator.world.last_camera)
    await unset_scene.time.passes(60)
    assert shown_issues() == {}
