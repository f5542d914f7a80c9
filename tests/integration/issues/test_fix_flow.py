"""Removing items from the options that no longer exist."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow, FlowResultType, UnknownFlow
import pytest

from custom_components.xprotect_events import repairs
from custom_components.xprotect_events.entry_repair import EntryRepair
from custom_components.xprotect_events.issue_kinds import FIXABLE, Issue
from tests.integration.entries import POLLS_RARELY
from tests.integration.issues.conftest import AN_HOUR, ShownIssues
from tests.integration.lossless.scene import Scene
from tests.integration.repair_forms import open_repair, submit_repair
from xprotect_simulator import event_ids

GONE_TYPE = "00000000-1111-2222-3333-444444444444"
GONE_CAMERA = "cameras/00000000-1111-2222-3333-555555555555"


def choose(scene: Scene, **options: object) -> None:
    """Choose in the options before the entry is set up."""
    scene.hass.config_entries.async_update_entry(
        scene.entry, options={"delivery": "poll", **options}
    )


async def begin(scene: Scene) -> dict[str, Any]:
    """Press the button of the issue."""
    return await open_repair(scene.hass, f"options_stale_{scene.entry.entry_id}")


async def test_deleted_items_are_named_and_removed(
    unset_scene: Scene, shown_issues: ShownIssues
) -> None:
    """Otherwise the id of a replaced camera would stay in the options for ever."""
    scene = unset_scene
    kept = scene.camera.path
    choose(
        scene,
        event_types=[event_ids.MOTION_STARTED, GONE_TYPE],
        sources=[GONE_CAMERA, kept],
    )
    await scene.set_up()
    shown = shown_issues()["options_stale"]["missing"]
    assert shown == f"{GONE_TYPE}, {GONE_CAMERA}"
    form = await begin(scene)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "confirm"
    assert form["description_placeholders"] == {
        "name": "Simulated site",
        "missing": f"- {GONE_TYPE}\n- {GONE_CAMERA}",
    }
    again = await submit_repair(scene.hass, form, None)
    assert again["step_id"] == "confirm"
    result = await submit_repair(scene.hass, form, {})
    await scene.time.settle()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert scene.entry.options == {
        "delivery": "poll",
        "event_types": [event_ids.MOTION_STARTED],
        "sources": [kept],
    }
    assert scene.entry.state is ConfigEntryState.LOADED
    assert shown_issues() == {}


async def test_deleted_exclusions_are_removed_without_a_question(
    unset_scene: Scene, shown_issues: ShownIssues
) -> None:
    """Excluding nothing delivers no more events than before."""
    scene = unset_scene
    choose(scene, exclude_event_types=[GONE_TYPE], exclude_sources=[GONE_CAMERA])
    await scene.set_up()
    assert shown_issues()["options_stale"]["missing"] == f"{GONE_TYPE}, {GONE_CAMERA}"
    form = await begin(scene)
    assert form["step_id"] == "confirm"
    await submit_repair(scene.hass, form, {})
    await scene.time.settle()
    assert scene.entry.options["exclude_event_types"] == []
    assert scene.entry.options["exclude_sources"] == []
    assert shown_issues() == {}


@pytest.mark.parametrize(
    "options",
    [
        {"sources": [GONE_CAMERA]},
        {"event_types": [GONE_TYPE], "sources": [GONE_CAMERA]},
        {"event_types": [event_ids.MOTION_STARTED], "sources": [GONE_CAMERA]},
    ],
)
async def test_an_empty_choice_is_confirmed_before_it_means_everything(
    unset_scene: Scene, shown_issues: ShownIssues, options: dict[str, list[str]]
) -> None:
    """The user did not intend to get the events of 2,500 cameras."""
    scene = unset_scene
    choose(scene, **options)
    await scene.set_up()
    form = await begin(scene)
    assert form["step_id"] == "confirm_all"
    assert (await submit_repair(scene.hass, form, None))["step_id"] == "confirm_all"
    result = await submit_repair(scene.hass, form, {})
    await scene.time.settle()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert scene.entry.options["sources"] == []
    assert shown_issues() == {}


async def test_the_issue_opens_when_a_camera_is_removed_and_closes_with_a_new_choice(
    unset_scene: Scene, shown_issues: ShownIssues
) -> None:
    """A technician who removes a camera does not think of Home Assistant."""
    scene = unset_scene
    gone = scene.simulator.world.cameras[1]
    choose(scene, **POLLS_RARELY, sources=[scene.camera.path, gone.path])
    await scene.set_up()
    assert shown_issues() == {}
    scene.simulator.world.remove(gone.path)
    await scene.time.passes(AN_HOUR)
    assert shown_issues()["options_stale"]["missing"] == gone.name
    choose(scene, sources=[scene.camera.path])
    await scene.hass.config_entries.async_reload(scene.entry.entry_id)
    await scene.time.settle()
    assert shown_issues() == {}


async def test_a_deleted_item_has_its_last_name(
    unset_scene: Scene, shown_issues: ShownIssues
) -> None:
    """A GUID has no meaning for users; the name survives a reload."""
    scene = unset_scene
    world = scene.simulator.world
    event = world.user_defined_events[0]
    types = [event_ids.MOTION_STARTED, event.id]
    choose(scene, **POLLS_RARELY, event_types=types)
    await scene.set_up()
    world.remove(event.path)
    await scene.time.passes(AN_HOUR)
    await scene.hass.config_entries.async_reload(scene.entry.entry_id)
    await scene.time.settle()
    assert shown_issues()["options_stale"]["missing"] == event.name
    form = await begin(scene)
    assert form["description_placeholders"]["missing"] == f"- {event.name}"


@pytest.mark.parametrize(
    "source", ["metadata/00000000-1111-2222-3333-555555555555", "cameras/{}"]
)
async def test_items_that_may_still_exist_are_kept(
    unset_scene: Scene, shown_issues: ShownIssues, source: str
) -> None:
    """Ids of unreadable lists, and of kinds without a list."""
    scene = unset_scene
    scene.simulator.identity.forbid("cameras", "userDefinedEvents")
    choose(scene, sources=[source.format(scene.camera.id)], event_types=[GONE_TYPE])
    await scene.set_up()
    assert set(shown_issues()) == {"lists_forbidden"}


async def test_a_disabled_camera_counts_as_existing(
    unset_scene: Scene, shown_issues: ShownIssues
) -> None:
    """It may be enabled again."""
    scene = unset_scene
    choose(scene, sources=[scene.camera.path])
    scene.simulator.world.disable(scene.camera)
    await scene.set_up()
    assert shown_issues() == {}


async def test_an_entry_that_is_unloaded_in_between_is_left_alone(
    unset_scene: Scene,
) -> None:
    """Without the server the existing types and sources are unknown."""
    scene = unset_scene
    choose(scene, sources=[GONE_CAMERA])
    await scene.set_up()
    form = await begin(scene)
    before = dict(scene.entry.options)
    await scene.unload()
    result = await submit_repair(scene.hass, form, {})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_loaded"
    assert scene.entry.options == before
    with pytest.raises(UnknownFlow):
        await submit_repair(scene.hass, form, {})


async def test_what_is_deleted_while_the_form_is_open_is_shown_before_it_is_removed(
    unset_scene: Scene,
) -> None:
    """The user has confirmed the loss of one camera, and not to get all events."""
    scene = unset_scene
    camera = scene.camera
    choose(scene, sources=[GONE_CAMERA, camera.path])
    await scene.set_up()
    form = await begin(scene)
    assert form["step_id"] == "confirm"
    scene.simulator.world.remove(camera.path)
    await scene.time.passes(AN_HOUR)
    again = await submit_repair(scene.hass, form, {})
    assert again["step_id"] == "confirm_all"
    assert again["errors"] == {"base": "changed_meanwhile"}
    assert camera.name in again["description_placeholders"]["missing"]
    assert scene.entry.options["sources"] == [GONE_CAMERA, camera.path]
    await submit_repair(scene.hass, form, {})
    await scene.time.settle()
    assert scene.entry.options["sources"] == []


async def test_a_form_ends_without_a_change_if_everything_is_back(
    unset_scene: Scene, shown_issues: ShownIssues
) -> None:
    """The role may have got its rights back while the form was open."""
    scene = unset_scene
    world, camera = scene.simulator.world, scene.camera
    choose(scene, sources=[camera.path, world.cameras[1].path])
    await scene.set_up()
    world.remove(camera.path)
    await scene.time.passes(AN_HOUR)
    form = await begin(scene)
    world.add(camera)
    await scene.time.passes(AN_HOUR)
    before = dict(scene.entry.options)
    result = await submit_repair(scene.hass, form, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert scene.entry.options == before
    assert shown_issues() == {}


async def test_a_form_says_how_many_more_it_removes(
    unset_scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole building may have been deleted."""
    scene = unset_scene
    monkeypatch.setattr(repairs, "MAX_LISTED", 2)
    gone = [f"{GONE_CAMERA[:-1]}{digit}" for digit in range(5)]
    choose(scene, exclude_sources=gone)
    await scene.set_up()
    form = await begin(scene)
    assert form["description_placeholders"]["missing"] == (
        f"- {gone[0]}\n- {gone[1]}\n- … (+ 3)"
    )


@pytest.mark.parametrize("data", [None, {}, {"entry_id": 7}, {"entry_id": "gone"}])
@pytest.mark.parametrize("issue", sorted(FIXABLE))
async def test_an_issue_of_an_unknown_entry_cannot_be_fixed(
    hass: HomeAssistant, issue: Issue, data: dict[str, str | int | float | None] | None
) -> None:
    """The page with the button may have been open for a week."""
    flow = await repairs.async_create_fix_flow(hass, f"{issue}_gone", data)
    flow.hass = hass
    assert isinstance(flow, EntryRepair)
    with pytest.raises(AbortFlow, match="entry_removed"):
        _ = flow.entry


async def test_the_options_of_a_removed_entry_cannot_be_fixed(
    unset_scene: Scene,
) -> None:
    """The page was opened before."""
    scene = unset_scene
    choose(scene, sources=[GONE_CAMERA])
    await scene.set_up()
    form = await begin(scene)
    await scene.hass.config_entries.async_remove(scene.entry.entry_id)
    result = await submit_repair(scene.hass, form, {})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "entry_removed"


async def test_a_choice_that_would_now_be_empty_is_confirmed_again(
    unset_scene: Scene,
) -> None:
    """The rest of the choice was removed in another form."""
    scene = unset_scene
    choose(scene, sources=[GONE_CAMERA, scene.camera.path])
    await scene.set_up()
    form = await begin(scene)
    assert form["step_id"] == "confirm"
    choose(scene, sources=[GONE_CAMERA])
    again = await submit_repair(scene.hass, form, {})
    assert again["step_id"] == "confirm_all"
    assert scene.entry.options["sources"] == [GONE_CAMERA]
