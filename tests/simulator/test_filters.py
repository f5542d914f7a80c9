"""The match-filter language, read from its documentation."""

from hypothesis import given, strategies as st
import pytest

from xprotect_simulator.filters import (
    OPERATORS,
    Condition,
    FilterError,
    Scalar,
    make_condition,
    parse,
)

SCALARS = st.one_of(st.integers(-(10**18) + 1, 10**18 - 1), st.text())


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("value", [("equals", "value")]),
        ("equals:value", [("equals", "value")]),
        ("'value'", [("equals", "value")]),
        ("notEquals:123", [("notEquals", 123)]),
        ("gt:-5", [("gt", -5)]),
        (
            "lt:'2023-04-14T07:42:49.223Z',gt:'2023-04-12T07:42:49.223Z'",
            [("lt", "2023-04-14T07:42:49.223Z"), ("gt", "2023-04-12T07:42:49.223Z")],
        ),
        ("startsWith:'Event'", [("startsWith", "Event")]),
        ("contains:'a substring'", [("contains", "a substring")]),
        (
            "contains:'string with ''single'' quotes'",
            [("contains", "string with 'single' quotes")],
        ),
        ("oneOf:(1,4,8)", [("oneOf", (1, 4, 8))]),
        (
            "oneOf:('with ''quote''', 'more ''quotes''')",
            [("oneOf", ("with 'quote'", "more 'quotes'"))],
        ),
        ("GT:1", [("gt", 1)]),
        ("9" * 5000, [("equals", "9" * 5000)]),
        ("contains:''", [("contains", "")]),
        ("'a,b:(c)'", [("equals", "a,b:(c)")]),
    ],
)
def test_the_documented_examples_are_understood(
    text: str, conditions: list[tuple[str, object]]
) -> None:
    """There is no other documentation."""
    found = parse(text)
    assert [(one.operator, one.value) for one in found] == conditions


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "expected a value at position 0 of ''"),
        ("gt:", "expected a value"),
        ("likes:'x'", "unknown operator 'likes'"),
        ("'open", "expected a value"),
        ("'a'b", "expected the end or ','"),
        ("1,", "expected a value"),
        ("oneOf:1", "expected '('"),
        ("oneOf:(1", "expected ')'"),
        ("oneOf:()", "expected a value"),
        ("equals:(1,2)", "expected a value"),
        ("1)", "expected the end or ','"),
    ],
)
def test_bad_syntax_is_refused_with_what_was_expected(
    text: str, complaint: str
) -> None:
    """Users see the text."""
    with pytest.raises(FilterError) as error:
        parse(text)
    assert complaint in str(error.value)


@given(st.text())
def test_any_text_is_either_read_or_refused(text: str) -> None:
    """Whatever a client sends, the parser neither fails nor hangs."""
    try:
        conditions = parse(text)
    except FilterError:
        return
    assert all(one.operator in OPERATORS for one in conditions)


def written(value: Scalar) -> str:
    """Write a value as the documentation does."""
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


@given(
    st.lists(
        st.one_of(
            st.builds(
                Condition,
                operator=st.sampled_from([one for one in OPERATORS if one != "oneOf"]),
                value=SCALARS,
            ),
            st.builds(
                Condition,
                operator=st.just("oneOf"),
                value=st.lists(SCALARS, min_size=1).map(tuple),
            ),
        ),
        min_size=1,
    )
)
def test_documented_filters_are_read(
    conditions: list[Condition],
) -> None:
    """Quotes, commas and brackets inside strings have no meaning."""
    parts = []
    for one in conditions:
        if isinstance(one.value, tuple):
            value = "(" + ",".join(written(item) for item in one.value) + ")"
        else:
            assert one.value is not None
            value = written(one.value)
        parts.append(f"{one.operator}:{value}")
    assert list(parse(",".join(parts))) == conditions


@pytest.mark.parametrize(
    ("operator", "value", "matching", "other"),
    [
        ("lt", 5, 4, 5),
        ("gt", 5, 6, 5),
        ("equals", 5, 5, 6),
        ("notEquals", 5, 6, 5),
        ("startsWith", 5, 52, 25),
        ("lt", "b", "A", "B"),
        ("gt", "B", "c", "b"),
        ("equals", "Door", "door", "doors"),
        ("equals", "5", 5, 6),
        ("notEquals", "Door", "gate", "DOOR"),
        ("startsWith", "Do", "door", "indoor"),
        ("contains", "OO", "door", "gate"),
        ("oneOf", ("a", 5), "A", "b"),
    ],
)
def test_conditions_compare_numbers_as_numbers_and_text_without_case(
    operator: str, value: Scalar, matching: Scalar, other: Scalar
) -> None:
    """Equality is case-insensitive on real servers."""
    condition = Condition(operator=operator, value=value)
    assert condition.matches(matching)
    assert not condition.matches(other)


def test_a_missing_value_matches_only_not_equals() -> None:
    """An event without a tag does not have the requested tag."""
    assert Condition(operator="notEquals", value="x").matches(None)
    assert not Condition(operator="equals", value="x").matches(None)
    assert not Condition(operator="oneOf", value=("x",)).matches(None)


def test_a_session_has_separate_operators_and_values() -> None:
    """As JSON, with arrays as arrays."""
    assert make_condition("ONEOF", [1, "a"]).value == (1, "a")
    assert make_condition("gt", 5) == Condition(operator="gt", value=5)
    for operator, value in (("oneOf", []), ("oneOf", "a"), ("gt", None), ("x", 1)):
        with pytest.raises(FilterError):
            make_condition(operator, value)


def test_an_event_session_can_compare_to_null() -> None:
    """The vendor's own example of a new session does."""
    nothing = make_condition("equals", None)
    assert nothing.matches(None)
    assert not nothing.matches("a")
    anything = make_condition("notEquals", None)
    assert anything.matches(0)
    assert not anything.matches(None)
