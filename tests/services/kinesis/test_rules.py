"""Properties of the rules: hash keys and their ranges, sequence numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.kinesis import hashes, sequences, shards
from cumulet.services.kinesis.shards import Open

KEYS = st.integers(0, hashes.MOST)
POSITIONS = st.integers(0, 2 ** 60)
MOMENTS = st.floats(0, 9e9)


@given(st.integers(1, 300), KEYS)
def test_even_ranges_have_each_hash_key_once(count: int, key: int) -> None:
    ranges = hashes.even(count)
    assert len(ranges) == count
    assert sum(start <= hashes.of_number(key) <= end for start, end in ranges) == 1
    sizes = [hashes.number(end) - hashes.number(start) for start, end in ranges]
    assert max(sizes) - min(sizes) <= 1


@given(st.sets(KEYS.filter(bool), max_size=20), KEYS)
def test_a_key_is_routed_to_the_range_that_has_it(edges: set[int], key: int) -> None:
    starts = sorted({0, *edges})
    found = shards.route([Open(hashes.of_number(start), n, n) for n, start in enumerate(starts)], hashes.of_number(key))
    assert starts[found.index] <= key
    assert found.index + 1 == len(starts) or key < starts[found.index + 1]


@given(MOMENTS, POSITIONS, POSITIONS, st.integers(0, 99_999), st.integers(0, 99_999))
def test_sequence_numbers_tell_their_place_and_grow_with_it(
        created: float, one: int, other: int, shard: int, another: int) -> None:
    first, second = sequences.number(created, one, shard), sequences.number(created, other, another)
    assert len(first) == 56
    assert sequences.read(first) == (sequences.made(created), one, shard)
    assert (first < second) == ((one, shard) < (other, another))


@given(st.text(max_size=60) | st.from_regex(r"[0-9]{56}", fullmatch=True))
def test_other_numbers_are_read_as_nothing_or_as_a_place_that_a_store_can_know(text: str) -> None:
    place = sequences.read(text)
    assert place is None or max(place.position, place.shard) < 2 ** 63


@given(st.binary(min_size=16, max_size=16))
def test_hash_keys_come_back(key: bytes) -> None:
    assert hashes.of_text(str(hashes.number(key))) == key
    assert hashes.of_text(str(hashes.MOST + 1)) is None
