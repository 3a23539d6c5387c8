"""Ranges and conditions, by themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel import AwsError
from cumulet.services.s3 import bodies, conditions, names, ranges
from cumulet.services.s3.resources import Piece


@given(st.integers(0, 30), st.integers(0, 40), st.one_of(st.none(), st.integers(0, 40)))
def test_a_range_is_a_slice(size: int, first: int, last: int | None) -> None:
    data = bytes(range(size))
    header = f"bytes={first}-{'' if last is None else last}"
    wanted = data[first:] if last is None else data[first : last + 1]
    if last is not None and last < first:
        assert ranges.asked(header, size) is None
    elif not wanted:
        with pytest.raises(AwsError, match="InvalidRange"):
            ranges.asked(header, size)
    else:
        found = ranges.asked(header, size)
        assert found is not None
        assert data[found[0] : found[0] + found[1]] == wanted


@given(st.integers(1, 30), st.integers(1, 40))
def test_a_suffix_is_the_end(size: int, length: int) -> None:
    assert ranges.asked(f"bytes=-{length}", size) == (max(size - length, 0), min(length, size))


@given(st.text(max_size=12).filter(lambda text: "=" not in text))
def test_any_header_is_a_range_or_none(header: str) -> None:
    found = ranges.asked(header, 10)
    assert found is None or (found[0] >= 0 and found[1] > 0 and sum(found) <= 10)


@given(st.lists(st.binary(min_size=1, max_size=6), max_size=6), st.integers(0, 40), st.integers(0, 40))
def test_pieces_are_cut_like_the_whole(chunks: list[bytes], offset: int, length: int) -> None:
    whole = b"".join(chunks)
    pieces = [Piece(len(chunk), "", 0, chunk) for chunk in chunks]
    cut = list(bodies.cut(pieces, offset, length))
    assert b"".join(piece.data for piece in cut) == whole[offset : offset + length]
    assert all(piece.length == len(piece.data) > 0 for piece in cut)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(0, 40), st.integers(1, 40))
def test_pieces_of_blobs_are_cut_alike(lengths: list[int], offset: int, length: int) -> None:
    pieces = [Piece(size, str(n), 100 * n) for n, size in enumerate(lengths)]
    wanted = [(str(n), 100 * n + at) for n, size in enumerate(lengths) for at in range(size)][offset : offset + length]
    cut = [(piece.blob, piece.offset + at) for piece in bodies.cut(pieces, offset, length) for at in range(piece.length)]
    assert cut == wanted


@given(st.integers(0, (1 << 63) - 1))
def test_identifiers_tell_their_number(number: int) -> None:
    identifier = names.numbered(number, "x" * 21)
    assert names.number_of(identifier) == number
    assert len(identifier) == names.VERSION_LENGTH


@given(st.lists(st.integers(0, (1 << 63) - 1), max_size=10))
def test_identifiers_are_ordered_as_their_numbers(numbers: list[int]) -> None:
    assert sorted(names.numbered(n, "") for n in numbers) == [names.numbered(n, "") for n in sorted(numbers)]


@pytest.mark.parametrize("text", ["", "null", "short", "!" * 32, "z" * 32, "ü" * 32])
def test_what_is_no_identifier_has_no_number(text: str) -> None:
    assert names.number_of(text) is None


@pytest.mark.parametrize(("header", "matches"), [
    ("*", True), ("abc", True), ('"abc"', True), ('W/"abc"', True), ('"x", "abc"', True), ('"ab"', False), ("", False)])
def test_entity_tags(header: str, matches: bool) -> None:
    assert conditions.matches(header, "abc") is matches
