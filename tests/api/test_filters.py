"""The match-filter language: what one side writes, the other side reads."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote
from uuid import uuid4

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import (
    Condition,
    Operator,
    any_of,
    format_time,
    match,
)
from custom_components.xprotect_events.api.filters import (
    FilterValue,
    Scalar,
    format_value,
)
from xprotect_simulator import filters as reader, times

CET = timezone(timedelta(hours=1))
A_TIME = datetime(2023, 4, 14, 9, 42, 49, 223000, CET)

TEXTS = st.text()
# Longer numbers do not fit a server's integers.
NUMBERS = st.integers(-(10**17), 10**17)
# With any time zone, times must stay within the range of `datetime`.
TIMES = st.datetimes(
    datetime(1, 1, 3),  # noqa: DTZ001 - hypothesis wants it so
    datetime(9999, 12, 29),  # noqa: DTZ001 - as above
    timezones=st.timezones(),
)
SCALARS: st.SearchStrategy[Scalar] = TEXTS | NUMBERS | TIMES
ANY_VALUE = (
    Operator.LESS_THAN,
    Operator.GREATER_THAN,
    Operator.EQUALS,
)
CONDITIONS = st.one_of(
    st.builds(Condition, st.sampled_from(ANY_VALUE), SCALARS),
    st.builds(
        Condition,
        st.just(Operator.ONE_OF),
        st.lists(SCALARS, min_size=1, max_size=5).map(tuple),
    ),
)


def as_read(value: FilterValue) -> reader.Value:
    """Return how a server reads a value: as a text or a number."""
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, str | int):
        return value
    read = tuple(as_read(item) for item in value)
    return tuple(item for item in read if not isinstance(item, tuple))


@pytest.mark.parametrize(
    ("operator", "value", "written"),
    [
        (Operator.LESS_THAN, A_TIME, "lt:'2023-04-14T08:42:49.223000Z'"),
        (Operator.GREATER_THAN, 123, "gt:123"),
        (Operator.EQUALS, "value", "equals:'value'"),
        (Operator.EQUALS, "", "equals:''"),
        (Operator.GREATER_THAN, -5, "gt:-5"),
        (
            Operator.EQUALS,
            "string with 'single' quotes",
            "equals:'string with ''single'' quotes'",
        ),
        (Operator.ONE_OF, (1, 4, 8), "oneOf:(1,4,8)"),
        (Operator.ONE_OF, [7], "oneOf:(7)"),
        (
            Operator.ONE_OF,
            ("with 'quote'", "more 'quotes'"),
            "oneOf:('with ''quote''','more ''quotes''')",
        ),
        (Operator.ONE_OF, ("a,b", ")"), "oneOf:('a,b',')')"),
    ],
)
def test_a_condition_is_written_as_the_documentation_shows(
    operator: Operator, value: FilterValue, written: str
) -> None:
    """A server answers 400 to everything else, or finds the wrong events."""
    assert match(Condition(operator, value)) == written


def test_several_conditions_on_one_property_are_separated_by_commas() -> None:
    """A span of time needs two of them."""
    before = Condition(Operator.LESS_THAN, A_TIME)
    after = Condition(Operator.GREATER_THAN, A_TIME - timedelta(days=2))
    assert match(before, after) == (
        "lt:'2023-04-14T08:42:49.223000Z',gt:'2023-04-12T08:42:49.223000Z'"
    )


@given(conditions=st.lists(CONDITIONS, min_size=1, max_size=4))
def test_written_filters_are_read_back_unchanged(
    conditions: list[Condition],
) -> None:
    """Names contain quotes, commas and brackets, which must not change the filter."""
    read = reader.parse(match(*conditions))
    assert [(one.operator, one.value) for one in read] == [
        (str(one.operator), as_read(one.value)) for one in conditions
    ]


def test_the_reader_has_every_operator_of_the_writer() -> None:
    """Both were written from the documentation, independently of each other."""
    assert {str(operator) for operator in Operator} <= set(reader.OPERATORS)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        (Operator.ONE_OF, "text"),
        (Operator.ONE_OF, 5),
        (Operator.ONE_OF, ()),
        (Operator.ONE_OF, (1, True)),
        (Operator.EQUALS, ("a", "b")),
        (Operator.EQUALS, True),
        (Operator.GREATER_THAN, A_TIME.replace(tzinfo=None)),
        (Operator.ONE_OF, (A_TIME.replace(tzinfo=None),)),
    ],
)
def test_a_value_that_does_not_fit_the_operator_is_refused(
    operator: Operator, value: FilterValue
) -> None:
    """A mistake of ours should fail where it was made, not at the server."""
    with pytest.raises(TypeError):
        Condition(operator, value)


def test_arrays_and_single_values_need_different_operators() -> None:
    """Both spellings exist in the language, and only one fits each operator."""
    assert format_value(("a",)) == "('a')"
    assert format_value("a") == "'a'"


@given(moment=TIMES)
def test_a_time_is_written_in_utc_to_the_microsecond(moment: datetime) -> None:
    """Sessions begin at the written time; a later one would lose events."""
    read = times.to_datetime(times.parse(format_time(moment)))
    # Times that a change of clocks skips or repeats equal none of another zone.
    assert read == moment.astimezone(UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    """The server would read it in its own time zone."""
    with pytest.raises(TypeError):
        format_time(datetime(2026, 1, 1))  # noqa: DTZ001 - as tested here


def test_a_time_always_has_its_fraction() -> None:
    """Python omits a fraction of zero, and servers may compare the texts."""
    assert format_time(datetime(2026, 1, 1, tzinfo=UTC)) == (
        "2026-01-01T00:00:00.000000Z"
    )


@given(st.lists(st.text(min_size=1, max_size=100), unique=True, max_size=200))
def test_many_values_are_named_in_queries_that_iis_takes(values: list[str]) -> None:
    """IIS answers 404 to longer queries."""
    conditions = any_of(values)
    named: list[object] = []
    for condition in conditions:
        value = condition.value
        named.extend(value if isinstance(value, list) else [value])
        is_single = condition.operator is Operator.EQUALS
        assert is_single or len(quote(match(condition), safe="")) < 1600
    assert named == values


def test_the_cameras_of_a_small_house_are_one_query() -> None:
    """Each query costs the caller a moment."""
    assert len(any_of([str(uuid4()) for _ in range(30)])) == 1
