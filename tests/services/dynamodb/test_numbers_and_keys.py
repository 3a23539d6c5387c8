"""Numbers, keys and sizes: properties that hold for all values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel import AwsError
from cumulet.services.dynamodb import keys, numbers
from cumulet.services.dynamodb import values as av
from cumulet.services.dynamodb.compound import successor

decimals = st.builds(
    lambda sign, digits, exponent: Decimal((sign, tuple(digits), exponent)),
    st.integers(0, 1), st.lists(st.integers(0, 9), min_size=1, max_size=38), st.integers(-130, 88)).filter(
    lambda d: d == 0 or -130 <= d.adjusted() <= 125)


@given(decimals)
def test_a_canonical_number_is_the_same_number_written_plainly(value: Decimal) -> None:
    text = numbers.canonical(str(value))
    assert Decimal(text) == value
    assert "E" not in text
    assert numbers.canonical(text) == text
    assert not ("." in text and text.endswith("0"))


@given(decimals)
def test_encoded_numbers_are_decoded(one: Decimal) -> None:
    text = numbers.canonical(str(one))
    assert numbers.decode(numbers.encode(text)) == text


@given(decimals, decimals)
def test_encoded_numbers_are_in_order(one: Decimal, two: Decimal) -> None:
    a, b = (numbers.encode(numbers.canonical(str(d))) for d in (one, two))
    assert (a < b) == (one < two)
    assert (a == b) == (one == two)


def total(one: str, two: str) -> str:
    """The sum, or what is said instead."""
    try:
        return numbers.add(one, two)
    except AwsError as problem:
        return problem.message


@given(decimals, decimals)
def test_addition_is_exact_or_refused(one: Decimal, two: Decimal) -> None:
    a, b = numbers.canonical(str(one)), numbers.canonical(str(two))
    found = total(a, b)
    if found[0] in "-0123456789":
        assert numbers.subtract(found, b) == a
    else:
        assert "38 significant digits" in found or "overflow" in found or "underflow" in found


@pytest.mark.parametrize(("text", "says"), [
    ("abc", "The parameter cannot be converted to a numeric value: abc"),
    ("", "The parameter cannot be converted to a numeric value"),
    ("1e126", "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    ("-1e-131", "Number underflow. Attempting to store a number with magnitude smaller than supported range"),
    ("1" * 39, "Attempting to store more than 38 significant digits in a Number"),
    ("NaN", "The parameter cannot be converted to a numeric value: NaN"),
    ("١", "The parameter cannot be converted to a numeric value: ١"),
    ("1e99999999999999999999", "Number overflow. Attempting to store a number with magnitude larger than supported range"),
])
def test_what_is_no_number_is_refused(text: str, says: str) -> None:
    with pytest.raises(AwsError) as caught:
        numbers.canonical(text)
    assert caught.value.message == says


@pytest.mark.parametrize(("text", "bytes_"), [("0", 1), ("1", 2), ("12", 2), ("123", 3), ("-123", 4), ("100", 2), ("0.05", 2),
                                              ("1234567890" * 3 + "12345678", 20)])
def test_the_size_of_a_number_counts_pairs_of_significant_digits(text: str, bytes_: int) -> None:
    assert numbers.size(numbers.canonical(text)) == bytes_


scalars = st.one_of(
    st.builds(lambda s: {"S": s}, st.text(max_size=8)), st.builds(lambda d: {"N": str(d)}, decimals),
    st.builds(lambda b: {"B": b}, st.binary(max_size=8)), st.builds(lambda b: {"BOOL": b}, st.booleans()),
    st.just({"NULL": True}), st.builds(lambda s: {"SS": sorted(s)}, st.sets(st.text(max_size=4), min_size=1, max_size=4)),
    st.builds(lambda s: {"NS": [str(n) for n in s]}, st.sets(st.integers(-99, 99), min_size=1, max_size=4)),
    st.builds(lambda s: {"BS": list(s)}, st.sets(st.binary(max_size=4), min_size=1, max_size=4)))
attribute_values = st.recursive(scalars, lambda inner: st.one_of(
    st.builds(lambda m: {"L": m}, st.lists(inner, max_size=3)),
    st.builds(lambda m: {"M": m}, st.dictionaries(st.text(max_size=4), inner, max_size=3))), max_leaves=8)
items = st.dictionaries(st.text(min_size=1, max_size=6), attribute_values, max_size=6)


@given(items)
def test_the_size_is_the_same_before_and_after_storing(item: av.Item) -> None:
    taken, size = av.take_item(item)
    assert av.size_of_item(av.decode(av.encode(taken))) == size


@given(items)
def test_a_stored_item_is_taken_again_unchanged(item: av.Item) -> None:
    taken, _ = av.take_item(item)
    assert av.decode(av.encode(taken)) == taken
    assert av.take_item(av.for_peers(taken))[0] == taken


@given(st.binary(max_size=6), st.binary(max_size=8))
def test_the_successor_of_a_prefix_is_behind_all_that_begin_with_it(prefix: bytes, rest: bytes) -> None:
    end = successor(prefix)
    if end is None:
        assert prefix.strip(b"\xff") == b""
    else:
        assert prefix + rest < end
        assert not end.startswith(prefix)


@given(st.tuples(st.binary(min_size=1, max_size=40), st.binary(max_size=40)))
def test_a_tie_gives_the_key_back(key: tuple[bytes, bytes]) -> None:
    assert keys.untie(keys.tie(key)) == key


@given(st.binary(min_size=1), st.integers(1, 1_000_000))
def test_every_key_is_in_exactly_one_segment(key: bytes, segments: int) -> None:
    stored = keys.spread(key)
    number = int.from_bytes(stored[:4], "big")
    segment = min(segments - 1, number * segments >> 32)
    while segment and keys.boundary(segment, segments) > stored:
        segment -= 1
    while segment + 1 < segments and keys.boundary(segment + 1, segments) <= stored:
        segment += 1
    assert keys.boundary(segment, segments) <= stored
    assert segment + 1 == segments or stored < keys.boundary(segment + 1, segments)


@pytest.mark.parametrize(("value", "says"), [
    ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    ({"S": "a", "N": "1"},
     "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"),
    ({"NULL": False}, "One or more parameter values were invalid: Null attribute value types must have the value of true"),
    ({"SS": []}, "One or more parameter values were invalid: An string set  may not be empty"),
    ({"NS": []}, "One or more parameter values were invalid: An number set  may not be empty"),
    ({"SS": ["a", "a"]}, "One or more parameter values were invalid: Input collection [a, a] contains duplicates."),
    ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
])
def test_a_value_that_is_none_is_refused(value: av.Value, says: str) -> None:
    with pytest.raises(AwsError) as caught:
        av.take_item({"a": value})
    assert caught.value.message == says


def test_values_nest_to_32_levels() -> None:
    value: av.Value = {"S": "x"}
    for _ in range(32):
        value = {"L": [value]}
    av.take(value)
    with pytest.raises(AwsError, match="Nesting Levels have exceeded supported limits"):
        av.take({"L": [value]})
