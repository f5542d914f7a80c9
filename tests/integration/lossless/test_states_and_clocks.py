"""States with wrong clocks, or incomplete answers of the server."""

from datetime import timedelta

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir
import pytest

from tests.integration.lossless.scene import Scene
from xprotect_simulator import event_ids

BOTH_WAYS = pytest.mark.parametrize(
    ("entry_options", "delivery"),
    [({"delivery": "poll"}, "poll"), ({}, "push")],
    ids=["poll", "push"],
)
PUSHED = pytest.mark.parametrize("entry_options", [{}], ids=["push"])
# Seconds until states are requested over a stream without any other reason.
A_QUESTION = 16 * 60
A_POLL_AND_AN_ANSWER = 5
# Seconds until the next poll while events are pushed, and the next request for states.
AN_AUDIT = 30 + 60


def motion_id(scene: Scene) -> str:
    """Return the sensor of motion at the camera."""
    return scene.entity_id(Platform.BINARY_SENSOR, scene.camera, "motion")


async def with_motion_on(scene: Scene, delivery: str) -> None:
    """Let a site run for a while, until there is motion at the camera."""
    await scene.set_up()
    await scene.busy_time(60)
    if scene.expected_motion == "off":
        scene.emit()
    await scene.time.passes(5)
    assert (scene.delivery, scene.motion) == (delivery, "on")


@BOTH_WAYS
@pytest.mark.parametrize("back", [3, 5, 30, 50, 70, 20 * 60, 3600])
async def test_a_motion_that_ends_after_the_clock_was_set_back_is_over(
    unset_scene: Scene, delivery: str, back: int
) -> None:
    """With any step: otherwise the light would stay on until the next motion."""
    scene = unset_scene
    await with_motion_on(scene, delivery)
    scene.simulator.faults.enable(f"clock_skew:-{back}")
    await scene.time.passes(1)
    scene.emit()
    await scene.time.passes(A_POLL_AND_AN_ANSWER)
    assert (scene.delivery, scene.motion) == (delivery, "off")
    await scene.time.passes(60)
    assert (scene.delivery, scene.motion) == (delivery, "off")
    scene.emit()
    await scene.time.passes(A_POLL_AND_AN_ANSWER)
    assert scene.motion == "on"
    scene.assert_everything_arrived_once()


@PUSHED
@pytest.mark.parametrize("back", [3, 30, 50, 3600])
async def test_motion_is_over_although_its_start_is_pushed_after_its_end(
    unset_scene: Scene, back: int
) -> None:
    """The stream has pushed them in the wrong order, around a step of the clock."""
    scene = unset_scene
    await with_motion_on(scene, "push")
    scene.emit()
    await scene.time.passes(5)
    scene.simulator.faults.enable("ws_out_of_order")
    scene.emit()
    scene.simulator.faults.enable(f"clock_skew:-{back}")
    await scene.time.passes(1)
    scene.emit()
    # Until the next audit nothing shows that the clock was set.
    await scene.time.passes(AN_AUDIT)
    assert (scene.delivery, scene.motion) == ("push", "off")
    scene.assert_everything_arrived_once()


@BOTH_WAYS
@pytest.mark.parametrize("forward", [5, 50, 3600])
async def test_a_motion_that_ends_after_the_clock_was_set_forward_is_over(
    unset_scene: Scene, delivery: str, forward: int
) -> None:
    """New events do not become older by that."""
    scene = unset_scene
    await with_motion_on(scene, delivery)
    scene.simulator.faults.enable(f"clock_skew:{forward}")
    await scene.time.passes(1)
    scene.emit()
    await scene.time.passes(A_POLL_AND_AN_ANSWER)
    assert (scene.delivery, scene.motion) == (delivery, "off")


@pytest.mark.parametrize("entry_options", [{"delivery": "poll"}], ids=["poll"])
@pytest.mark.parametrize("behind", [30, 5 * 60, 14 * 60])
async def test_a_polled_source_whose_clock_falls_behind_is_right_with_its_next_row(
    unset_scene: Scene, behind: int
) -> None:
    """Only the clock of one camera is set back."""
    scene = unset_scene
    await scene.set_up()
    # Events before the set-up are not delivered.
    await scene.time.passes(20 * 60)
    scene.emit()
    for _ in range(3):
        await scene.time.passes(10)
        scene.emit(ago=timedelta(seconds=behind))
        await scene.time.passes(15)
        assert scene.motion == scene.expected_motion


@PUSHED
@pytest.mark.parametrize("behind", [30, 5 * 60, 3600])
async def test_a_pushed_source_whose_clock_falls_behind_is_right_with_the_next_answer(
    unset_scene: Scene, behind: int
) -> None:
    """Otherwise a camera would seem offline until its clock has caught up."""
    scene = unset_scene
    await with_motion_on(scene, "push")
    over = scene.emit(ago=timedelta(seconds=behind))
    # The event server knows the order of arrival.
    states = scene.simulator.world.states
    (key,) = [key for key, event in states.items() if event is scene.emitted[-2]]
    states[key] = over
    other = scene.simulator.world.cameras[1]
    # The stream is never quiet.
    for number in range(A_QUESTION // 60):
        scene.simulator.world.emit(
            event_ids.MOTION_STARTED if number % 2 else event_ids.MOTION_STOPPED, other
        )
        await scene.time.passes(60)
    assert (scene.delivery, scene.motion) == ("push", "off")


@PUSHED
async def test_an_empty_answer_makes_no_state_unknown(
    unset_scene: Scene,
) -> None:
    """The event server has just started; once, all sensors became unknown."""
    scene = unset_scene
    await with_motion_on(scene, "push")
    seen = scene.watch(motion_id(scene))
    scene.simulator.world.states.clear()
    # States are requested over a quiet stream, and over the next one.
    await scene.time.passes(200)
    scene.simulator.faults.enable("ws_resume_refused")
    scene.simulator.sockets.drop_all()
    await scene.time.passes(60)
    assert (scene.delivery, scene.motion) == ("push", "on")
    assert seen == []


@BOTH_WAYS
async def test_missed_events_that_come_one_by_one_change_a_state_once(
    unset_scene: Scene, delivery: str
) -> None:
    """Six motions of minutes ago must not run an automation six times."""
    scene = unset_scene
    await scene.set_up()
    scene.emit(2)
    await scene.time.passes(20 * 60)
    seen = scene.watch(motion_id(scene))
    for minutes in range(12, 1, -1):
        scene.emit(ago=timedelta(minutes=minutes))
        await scene.time.passes(1)
    await scene.time.passes(10)
    assert (scene.delivery, scene.motion) == (delivery, "on")
    assert seen == ["on"]
    assert len(scene.bus.missed) == 11


@BOTH_WAYS
@pytest.mark.parametrize("back", [30, 50])
async def test_a_small_step_shortly_after_the_set_up_loses_no_event(
    unset_scene: Scene, delivery: str, back: int
) -> None:
    """Events after the step have times before the set-up."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(20)
    scene.simulator.faults.enable(f"clock_skew:-{back}")
    await scene.busy_time(120)
    scene.assert_everything_arrived_once()
    assert (scene.delivery, scene.motion) == (delivery, scene.expected_motion)


@BOTH_WAYS
async def test_two_gateways_behind_one_name_cause_few_sessions(
    unset_scene: Scene, delivery: str
) -> None:
    """Their clocks are 70 seconds apart, and they answer in turn."""
    scene = unset_scene
    await scene.set_up()
    await scene.busy_time(30)
    opened = scene.entry.runtime_data.statistics.sessions_opened
    asked = scene.simulator.sockets.commands["getState"]
    world = scene.simulator.world
    answered = len(scene.simulator.requests)
    changes = 0

    @callback
    def take_turns() -> None:
        nonlocal answered, changes
        if len(scene.simulator.requests) != answered:
            answered = len(scene.simulator.requests)
            changes += 1
            world.skew = timedelta(seconds=-70 if changes % 2 else 0)

    before = len(scene.bus.missed)
    for _ in range(120):
        take_turns()
        # Events have the time of the event server.
        now = world.clock.now()
        scene.emitted.append(
            world.emit(event_ids.MOTION_STARTED, scene.camera, time=now)
        )
        await scene.time.passes(2.5)
    assert changes > 8
    assert scene.entry.runtime_data.statistics.sessions_opened - opened <= 8
    assert scene.simulator.sockets.commands["getState"] - asked <= 5
    assert len(scene.bus.missed) == before
    world.skew = timedelta()
    await scene.time.passes(60)
    assert scene.delivery == delivery
    scene.assert_everything_arrived_once()


@pytest.mark.parametrize(
    "entry_options",
    [{}, {"delivery": "poll"}, {"delivery": "poll", "poll_interval": 20}],
    ids=["push", "poll", "slow poll"],
)
@pytest.mark.parametrize("others_live", [False, True], ids=["all", "one source"])
async def test_a_recorder_whose_events_are_all_missed_has_a_wrong_clock(
    unset_scene: Scene, issue_registry: ir.IssueRegistry, *, others_live: bool
) -> None:
    """Automations on live events do not run, and only the issue explains it."""
    scene = unset_scene
    await scene.set_up()
    world = scene.simulator.world
    for _ in range(17):
        scene.emit(ago=timedelta(seconds=90))
        if others_live:
            world.emit(event_ids.MOTION_STARTED, world.cameras[1])
        await scene.time.passes(30)
    key = "source_clocks_differ" if others_live else "server_clocks_differ"
    placeholders = [
        issue.translation_placeholders
        for issue in issue_registry.issues.values()
        if issue.translation_key == key
    ]
    assert len(placeholders) == 1
    assert placeholders[0] is not None
    assert "90" in placeholders[0]["sources" if others_live else "seconds"]
    for _ in range(3):
        scene.emit()
        await scene.time.passes(31)
    keys = {issue.translation_key for issue in issue_registry.issues.values()}
    assert key not in keys
