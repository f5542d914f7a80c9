"""The server's time, and how a step of its clock is detected."""

from datetime import UTC, datetime, timedelta
import time
from unittest.mock import patch

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import ServerClock, Step

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = 60.0


class Gateway:
    """Answers with its date, which has whole seconds and may be a second old."""

    def __init__(self, clock: Observer, *, ahead: float = 0.0) -> None:
        self._clock = clock
        self.ahead = ahead

    @property
    def now(self) -> datetime:
        """The time of this gateway."""
        return NOON + timedelta(seconds=self._clock.elapsed + self.ahead)

    def answer(self, *, takes: float = 0.0, old: float = 0.0) -> None:
        """Answer a request; the date is written halfway through the time it takes."""
        sent_at = self._clock.elapsed
        self._clock.elapsed += takes / 2
        date = (self.now - timedelta(seconds=old)).replace(microsecond=0)
        self._clock.elapsed += takes / 2
        self._clock.server.observe(
            date, sent_at=sent_at, headers_at=self._clock.elapsed
        )


class Observer:
    """A client with a clock of its own."""

    def __init__(self) -> None:
        self.elapsed = 100.0
        self.server = ServerClock(lambda: self.elapsed)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.elapsed += seconds


@pytest.fixture
def client() -> Observer:
    """Return a client that no server has answered."""
    return Observer()


@pytest.fixture
def gateway(client: Observer) -> Gateway:
    """Return the server."""
    return Gateway(client)


def settle(client: Observer, gateway: Gateway) -> None:
    """Send answers until the client's estimate of the server's time is exact."""
    for _ in range(5):
        client.wait(1.9)
        gateway.answer(takes=0.01)


def alternate(client: Observer, *gateways: Gateway, times: int) -> None:
    """Let the gateways answer in turn, every two seconds."""
    for _ in range(times):
        for one in gateways:
            client.wait(2)
            one.answer()


def test_without_an_answer_our_own_time_is_used() -> None:
    """Something must be shown before the first answer."""
    before = datetime.now(UTC)
    assert before <= ServerClock().now() <= datetime.now(UTC)


def test_the_servers_time_continues_between_its_answers(
    client: Observer, gateway: Gateway
) -> None:
    """It is needed more often than the server answers."""
    gateway.answer()
    before = client.server.now()
    client.wait(7.5)
    assert client.server.now() - before == 7.5 * SECOND


def test_the_servers_time_continues_while_our_machine_sleeps() -> None:
    """Events that arrive after a suspend would otherwise count as live."""
    clock = ServerClock()
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    clock.observe(NOON, sent_at=now, headers_at=now)
    woken = {time.CLOCK_BOOTTIME: now + 600}
    with patch("time.clock_gettime", woken.__getitem__):
        assert clock.now() >= NOON + timedelta(minutes=10)


def test_an_answer_without_a_date_changes_nothing(
    client: Observer, gateway: Gateway
) -> None:
    """A proxy may leave it out."""
    gateway.answer()
    before = client.server.now()
    client.server.observe(None, sent_at=0, headers_at=0)
    assert client.server.now() == before
    assert client.server.take_step() is None


@given(
    st.lists(
        st.tuples(st.floats(0, 90), st.floats(0, 40), st.floats(0, 0.99)), min_size=1
    )
)
def test_the_time_is_never_fast_and_no_answer_looks_like_a_step(
    answers: list[tuple[float, float, float]],
) -> None:
    """However slow it is, and although its date may be a second old."""
    client = Observer()
    gateway = Gateway(client)
    for pause, takes, old in answers:
        client.wait(pause)
        gateway.answer(takes=takes, old=old)
        assert client.server.now() <= gateway.now + timedelta(microseconds=1)
        assert client.server.take_step() is None


def test_the_time_becomes_known_to_a_fraction_of_a_second(
    client: Observer, gateway: Gateway
) -> None:
    """One slow answer does not change that."""
    for _ in range(20):
        client.wait(1.95)
        gateway.answer(takes=0.01)
    gateway.answer(takes=30)
    assert gateway.now - client.server.now() < 0.25 * SECOND


def test_a_clock_that_is_slowed_down_does_not_step(
    client: Observer, gateway: Gateway
) -> None:
    """This is how time services correct small differences."""
    settle(client, gateway)
    for _ in range(200):
        client.wait(30)
        gateway.ahead -= 30 * 0.0004
        gateway.answer(takes=0.01)
        assert client.server.take_step() is None


@pytest.mark.parametrize("back", [3, 5, 30, 50, 70, 20 * 60, 3600])
@pytest.mark.parametrize("takes", [0.01, 0.5])
def test_a_clock_that_is_set_back_is_noticed_with_the_next_answer(
    client: Observer, gateway: Gateway, back: int, takes: float
) -> None:
    """Even by three seconds; otherwise motion would last that much longer."""
    settle(client, gateway)
    client.wait(20)
    gateway.ahead -= back
    set_at = gateway.now
    client.wait(1)
    gateway.answer(takes=takes)
    step = client.server.take_step()
    assert step is not None
    # Everything from now on is later than everything before.
    assert -(back + 5) * SECOND < step.by <= -back * SECOND
    assert set_at - 25 * SECOND < step.since <= set_at
    assert client.server.take_step() is None
    assert timedelta() <= gateway.now - client.server.now() < 2 * SECOND


def test_a_clock_that_is_set_back_is_noticed_while_answers_are_slow(
    client: Observer, gateway: Gateway
) -> None:
    """A server that needs 20 seconds has written its date at some time in between."""
    settle(client, gateway)
    gateway.ahead -= 60
    gateway.answer(takes=20)
    assert client.server.take_step() is not None


@pytest.mark.parametrize("forward", [5, 3600])
def test_a_clock_that_is_set_forward_is_noticed(
    client: Observer, gateway: Gateway, forward: int
) -> None:
    """The other one of two gateways may have answered."""
    settle(client, gateway)
    gateway.ahead += forward
    gateway.answer()
    step = client.server.take_step()
    assert step is not None
    assert timedelta() < step.by <= forward * SECOND


def test_steps_add_up_until_they_are_taken(client: Observer, gateway: Gateway) -> None:
    """No event may have arrived between two steps."""
    settle(client, gateway)
    set_at = gateway.now
    for back in (30, 60):
        gateway.ahead -= back
        set_at = gateway.now
        client.wait(5)
        gateway.answer()
    step = client.server.take_step()
    assert isinstance(step, Step)
    assert step.by <= -90 * SECOND
    assert step.since <= set_at


def test_a_clock_that_is_set_and_set_back_steps_twice(
    client: Observer, gateway: Gateway
) -> None:
    """The time was mistyped, and corrected minutes later."""
    settle(client, gateway)
    for ahead in (7200, 0):
        client.wait(2 * MINUTE)
        gateway.ahead = ahead
        gateway.answer()
        assert client.server.take_step() is not None
        assert timedelta() <= gateway.now - client.server.now() < 2 * SECOND


def test_of_two_gateways_the_later_clock_counts_and_nothing_steps(
    client: Observer, gateway: Gateway
) -> None:
    """Otherwise each change would cost a new session and a request for all states."""
    other = Gateway(client, ahead=-70)
    settle(client, gateway)
    alternate(client, other, gateway, times=2)
    client.server.take_step()
    for _ in range(1000):
        alternate(client, other, gateway, times=1)
        assert client.server.take_step() is None
        assert timedelta() <= gateway.now - client.server.now() < 2 * SECOND


def test_it_does_not_matter_which_of_two_gateways_answers_first(
    client: Observer, gateway: Gateway
) -> None:
    """The clock that is ahead counts in either order."""
    other = Gateway(client, ahead=-70)
    settle(client, other)
    alternate(client, gateway, other, times=3)
    assert timedelta() <= gateway.now - client.server.now() < 2 * SECOND


def test_the_remaining_gateway_of_two_has_the_right_time(
    client: Observer, gateway: Gateway
) -> None:
    """The other one was taken away."""
    other = Gateway(client, ahead=-70)
    settle(client, gateway)
    alternate(client, other, gateway, times=3)
    client.server.take_step()
    for _ in range(21):
        client.wait(30)
        other.answer()
    assert client.server.take_step() is not None
    assert timedelta() <= other.now - client.server.now() < 2 * SECOND


def test_after_an_hour_a_step_is_a_step_again(
    client: Observer, gateway: Gateway
) -> None:
    """There was a second gateway once, and now the clock is set."""
    other = Gateway(client, ahead=-70)
    settle(client, gateway)
    alternate(client, other, gateway, times=3)
    client.server.take_step()
    for _ in range(121):
        client.wait(30)
        gateway.answer()
    gateway.ahead -= 70
    gateway.answer()
    assert client.server.take_step() is not None
