"""Lists of presets, tasks and storages, alarms, headers and addresses.

Answers with a payload in `tests/fixtures/wire` are in `test_hostile_answers`.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    Alarm,
    AlarmPage,
    Alarms,
    ApiError,
    Configuration,
    InvalidAddressError,
    ServerClock,
    parse_address,
    suggest_address,
)
from custom_components.xprotect_events.api.alarms import MAX_MESSAGE
from custom_components.xprotect_events.api.http import (
    MAX_RETRY_AFTER,
    Answer,
    _parse_date,
    parse_seconds,
)
from custom_components.xprotect_events.api.storages import StorageStatus
from custom_components.xprotect_events.api.upgrade import (
    _redirect_target,
    _RedirectedError,
)
from custom_components.xprotect_events.api.windows_login import (
    _challenge,
    _offered_scheme,
)
from custom_components.xprotect_events.api.wire import MAX_INT, YEARS
from tests.api.hostile import TEXTS, Ask, ask, assert_harmless, wrong
from tests.api.payloads import payload
from tests.effort import tried

A_GUID = "1f0a8a3c-2a55-4d34-9a35-7f6c5b0f2d11"
AN_ALARM: Any = payload("alarms")
NAMED = {"array": [{"id": A_GUID, "displayName": "Gate", "enabled": True}]}

texts = st.text(max_size=40) | st.sampled_from(TEXTS)

# Documents as in docs/protocol.md, and the functions that read them.
DOCUMENTS: dict[str, tuple[object, Ask]] = {
    "groups": (NAMED, lambda to: Configuration(to).groups("cameraGroups")),
    "members of a group": (
        NAMED,
        lambda to: Configuration(to).group_members("outputGroups", "x"),
    ),
    "presets": (NAMED, lambda to: Configuration(to).presets("x")),
    "speakers": (payload("speakers"), lambda to: Configuration(to).speakers()),
    "outputs": (payload("outputs"), lambda to: Configuration(to).outputs()),
    "storages": (
        {"array": [{"id": A_GUID, "name": "S", "maxSize": 9, "retainMinutes": 9}]},
        lambda to: Configuration(to).storages("x"),
    ),
    "a storage": (
        {"data": {"isAvailable": True, "usedSpace": 9}},
        lambda to: Configuration(to).storage_status("x"),
    ),
    "alarms": (payload("alarms"), lambda to: Alarms(to).list(page=0, size=9)),
    "an alarm": ({"data": AN_ALARM["array"][0]}, lambda to: Alarms(to).get("x")),
    "another alarm": ({"data": AN_ALARM["array"][1]}, lambda to: Alarms(to).get("x")),
    "alarm states": (payload("alarmStates"), lambda to: Alarms(to).states()),
    "alarm priorities": (payload("alarmStates"), lambda to: Alarms(to).priorities()),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@tried(30)
@given(data=st.data())
def test_an_answer_in_which_something_is_wrong_is_read_or_refused(
    name: str, data: st.DataObject
) -> None:
    """Names of alarms and presets are shown, and their numbers are states."""
    document, how = DOCUMENTS[name]
    with suppress(ApiError):
        read = asyncio.run(ask(data.draw(wrong(document)), how))
        assert_harmless(read)
        for alarm in alarms_in(read):
            assert alarm.time.year in YEARS
            assert str(alarm.time + timedelta(days=1))
            assert len(alarm.message or "") <= MAX_MESSAGE
        if isinstance(read, StorageStatus):
            assert 0 <= (read.used or 0) <= MAX_INT


def alarms_in(read: object) -> tuple[Alarm, ...]:
    """Return the alarms of an answer."""
    if isinstance(read, Alarm):
        return (read,)
    return read.alarms if isinstance(read, AlarmPage) else ()


@pytest.mark.parametrize("port", ["", ":80", ":8081"])
@tried(100)
@given(rest=texts)
def test_a_redirect_of_the_socket_never_leaves_the_origin(port: str, rest: str) -> None:
    """The request contains the token."""
    asked = URL(f"http://vms{port}/api/ws/events/v1")
    for text in (rest, f"//{rest}", f"/{rest}", f"http://vms{rest}", f"http://{rest}"):
        with suppress(ApiError):
            target = _redirect_target(asked, _RedirectedError(text, 302))
            assert target.origin() == asked.origin()
            assert target.user is None
            assert target.password is None


@tried(100)
@given(text=texts | st.datetimes().map(str) | st.floats().map(str))
def test_a_header_is_read_or_ignored(text: str) -> None:
    """Times and waits of every answer, even before the server is authenticated."""
    clock = ServerClock()
    date = _parse_date(text)
    assert date is None or date.year in YEARS
    clock.observe(date, sent_at=1.0, headers_at=2.0)
    assert (clock.now() + timedelta(days=1)).year in YEARS
    pause = parse_seconds(text)
    assert pause is None or 0 <= pause <= MAX_RETRY_AFTER


@tried(100)
@given(offers=st.lists(texts | st.sampled_from(["NTLM", "NTLM x", "Negotiate,"])))
def test_offers_of_a_windows_login_are_accepted_or_refused(offers: list[str]) -> None:
    """They arrive before the server is authenticated."""
    answer = Answer(
        status=401,
        body=b"",
        server_time=None,
        retry_after=None,
        challenges=tuple(offers),
    )
    with suppress(ApiError):
        scheme = _offered_scheme(answer)
        assert isinstance(_challenge(answer, scheme), bytes)


@tried(200)
@given(
    typed=texts
    | st.sampled_from(["http://", "https://", "[", "//"]).flatmap(
        lambda scheme: texts.map(scheme.__add__)
    )
    | st.from_regex(r"[a-z:/@.\[\]0-9?#% ]{1,30}", fullmatch=True)
)
def test_any_text_is_read_as_an_address_or_refused(typed: str) -> None:
    """The addresses of recorders, which the server names, are parsed likewise."""
    with suppress(InvalidAddressError):
        address = parse_address(typed)
        assert address.scheme in {"http", "https"}
        assert address.host
        assert address.port
        assert address.user is None
        assert parse_address(str(address)) == address
    suggested = suggest_address(typed)
    assert suggested is None or parse_address(suggested)
