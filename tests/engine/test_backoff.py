"""The waits before the next attempts."""

from custom_components.xprotect_events.engine.backoff import CAP, FIRST, Backoff
from custom_components.xprotect_events.engine.push import OLD_SERVER_PAUSE


def test_waits_double_up_to_a_limit_and_start_again() -> None:
    """A server that returns soon is found soon."""
    backoff = Backoff(lambda: 1.0)
    assert [backoff.wait() for _ in range(6)] == [2, 4, 8, CAP, CAP, CAP]
    backoff.reset()
    assert backoff.wait() == FIRST


def test_an_older_server_is_finally_asked_once_a_day() -> None:
    """At most twenty times until then, five of them in the first minute."""
    absence = Backoff(lambda: 1.0, cap=OLD_SERVER_PAUSE)
    waits = [absence.wait() for _ in range(20)]
    assert sum(waits[:5]) == 62
    assert waits[-2:] == [OLD_SERVER_PAUSE, OLD_SERVER_PAUSE]
