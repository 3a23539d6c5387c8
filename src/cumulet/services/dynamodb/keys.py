"""Keys: names and types as a table's schema has them; bytes whose order is DynamoDB's."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any
from zlib import crc32

import msgspec

from cumulet.kernel import error

from . import compound, numbers
from . import values as av
from .resources import Facts, Index
from .values import Item, Value

Key = tuple[bytes, bytes]                    # hash and sort, as an Entry has them
_LONGEST_HASH, _LONGEST_SORT = 2048, 1024
_INVALID = "One or more parameter values were invalid: "
_EMPTY = {"S": "string", "B": "binary"}

_facts = msgspec.msgpack.Decoder(Facts)


@lru_cache(1024)
def facts_of(packed: bytes) -> Facts:
    """The Facts of a Layout; the same bytes are decoded once."""
    return _facts.decode(packed)


def pack(facts: Facts) -> bytes:
    return msgspec.msgpack.encode(facts)


def changed(packed: bytes, **fields: Any) -> bytes:
    """Facts with other values in some fields."""
    return pack(msgspec.structs.replace(facts_of(packed), **fields))


def spread(key: bytes) -> bytes:
    """A hash key as it is stored: behind a checksum, so that ranges of it are even parts of a table."""
    return crc32(key).to_bytes(4, "big") + key


def encode(kind: str, data: Any) -> bytes:
    """A key value in the one form (`values.take`) as bytes in order."""
    if kind == "S":
        return data.encode()                                                    # type: ignore[no-any-return]
    if kind == "N":
        return numbers.encode(data)
    return base64.b64decode(data)


def texts(parts: tuple[tuple[str, str], ...], key: bytes) -> list[str]:
    """The values that such bytes are of, in plain text; binary ones in base64. parts: the attributes, with their types."""
    values = [key] if len(parts) == 1 else compound.parted(key)
    return [_text(kind, value) for (_, kind), value in zip(parts, values, strict=True)]


def _text(kind: str, value: bytes) -> str:
    if kind == "N":
        return numbers.decode(value)
    return value.decode() if kind == "S" else base64.b64encode(value).decode()


def of_item(facts: Facts, item: Item) -> Key:
    """The key of an item to be put (in the one form)."""
    value = item.get(facts.hash)
    if value is None:
        raise error.ValidationException(_INVALID + f"Missing the key {facts.hash} in the item")
    data = value.get(facts.hash_kind)
    if data is None:
        raise _mismatch(facts.hash, facts.hash_kind, value)
    first = data.encode() if facts.hash_kind == "S" else encode(facts.hash_kind, data)
    if not 0 < len(first) <= _LONGEST_HASH:
        raise _bad_size(facts.hash, first, False)
    if not facts.sort:
        return crc32(first).to_bytes(4, "big") + first, b""
    value = item.get(facts.sort)
    if value is None:
        raise error.ValidationException(_INVALID + f"Missing the key {facts.sort} in the item")
    data = value.get(facts.sort_kind)
    if data is None:
        raise _mismatch(facts.sort, facts.sort_kind, value)
    second = data.encode() if facts.sort_kind == "S" else encode(facts.sort_kind, data)
    if not 0 < len(second) <= _LONGEST_SORT:
        raise _bad_size(facts.sort, second, True)
    return crc32(first).to_bytes(4, "big") + first, second


def of_key(facts: Facts, key: Item) -> Key:
    """A Key of a request (as the wire gave it)."""
    if len(key) != (2 if facts.sort else 1):
        raise error.ValidationException("The number of conditions on the keys is invalid" if not key else
                                        "The provided key element does not match the schema")
    first = _part(facts.hash_kind, key.get(facts.hash))
    if not 0 < len(first) <= _LONGEST_HASH:
        raise _bad_size(facts.hash, first, False)
    if not facts.sort:
        return crc32(first).to_bytes(4, "big") + first, b""
    second = _part(facts.sort_kind, key.get(facts.sort))
    if not 0 < len(second) <= _LONGEST_SORT:
        raise _bad_size(facts.sort, second, True)
    return crc32(first).to_bytes(4, "big") + first, second


def _part(kind: str, value: Value | None) -> bytes:
    if value is None:
        raise error.ValidationException("The provided key element does not match the schema")
    if kind == "S" and "S" in value and len(value) == 1:
        return value["S"].encode()                                              # type: ignore[no-any-return]
    taken, _ = av.take(value)
    data = taken.get(kind)
    if data is None:
        raise error.ValidationException("The provided key element does not match the schema")
    return encode(kind, data)


def of_index(index: Index, item: Item) -> Key | None:
    """Where an item stands in an index; None when it is not in it."""
    if index.more_hash or index.more_sort:
        return _of_compound(index, item)
    first = item.get(index.hash)
    if first is None:
        return None
    data = first.get(index.hash_kind)
    if data is None:
        return None
    sort = b""
    if index.sort:
        second = item.get(index.sort)
        if second is None or index.sort_kind not in second:
            return None
        sort = encode(index.sort_kind, second[index.sort_kind])
    return spread(encode(index.hash_kind, data)), sort


def _of_compound(index: Index, item: Item) -> Key | None:
    found = []
    for parts in (hash_parts(index), sort_parts(index)):
        data = [item[name].get(kind) for name, kind in parts if name in item]
        if len(data) < len(parts) or None in data:
            return None
        found.append([encode(kind, one) for (_, kind), one in zip(parts, data, strict=True)])
    first, second = found
    return spread(of_parts(first)), of_parts(second)


def of_parts(values: list[bytes]) -> bytes:
    """The key that these values are: a single one is itself."""
    return values[0] if len(values) == 1 else compound.joined(values)


def hash_parts(at: Facts | Index) -> tuple[tuple[str, str], ...]:
    """The attributes of a partition key, with their types."""
    first = (at.hash, at.hash_kind)
    return (first, *at.more_hash) if isinstance(at, Index) else (first,)


def sort_parts(at: Facts | Index) -> tuple[tuple[str, str], ...]:
    """The attributes of a sort key, if there is one."""
    if not at.sort:
        return ()
    first = (at.sort, at.sort_kind)
    return (first, *at.more_sort) if isinstance(at, Index) else (first,)


def check_index_keys(facts: Facts, item: Item, updating: bool = False) -> None:
    """Raise when a key attribute of an index has another type than was defined, or is empty or too long."""
    for index in facts.indexes:
        for parts, longest in ((hash_parts(index), _LONGEST_HASH), (sort_parts(index), _LONGEST_SORT)):
            size = 0
            for name, kind in parts:
                if (value := item.get(name)) is None:
                    continue
                data = value.get(kind)
                if not data:
                    raise _not_indexed(index, name, kind, value, updating)
                key = encode(kind, data)
                size += len(key)
                if size > longest:
                    raise _bad_size(name, key, longest == _LONGEST_SORT)


def _not_indexed(index: Index, name: str, kind: str, value: Value, updating: bool) -> Exception:
    """A key attribute of an index that has another type, or is empty."""
    if kind not in value:
        return error.ValidationException(
            "The update expression attempted to update the secondary index key to unsupported type" if updating else
            _INVALID + f"Type mismatch for Index Key {name} Expected: {kind} Actual: {av.kind_of(value)} "
            f"IndexName: {index.name}")
    empty = f"The AttributeValue for a key attribute cannot contain an empty {_EMPTY[kind]} value."
    return error.ValidationException("One or more parameter values are not valid. " + (
        "The update expression attempted to update a secondary index key to a value that is not supported. " + empty
        if updating else "A value specified for a secondary index key is not supported. "
        f"{empty} IndexName: {index.name}, IndexKey: {name}"))


def tie(key: Key) -> bytes:
    """A table's key as the tie of an index's entry."""
    first, second = key
    return len(first).to_bytes(2, "big") + first + second


def untie(tied: bytes) -> Key:
    """The table's key in an index's entry."""
    end = 2 + int.from_bytes(tied[:2], "big")
    return tied[2:end], tied[end:]


def names(facts: Facts, index: Index | None = None) -> tuple[str, ...]:
    """The names of a table's key, and of an index's."""
    found = [facts.hash, facts.sort]
    if index is not None:
        found += [name for name, _ in (*hash_parts(index), *sort_parts(index))]
    return tuple(dict.fromkeys(name for name in found if name))


def part_of(facts: Facts, item: Item, index: Index | None = None) -> Item:
    """The key attributes of an item."""
    return {name: item[name] for name in names(facts, index) if name in item}


def boundary(segment: int, of: int) -> bytes:
    """Where a segment of a scan begins."""
    return ((segment << 32) // of).to_bytes(4, "big")


def _mismatch(name: str, kind: str, value: Value) -> Exception:
    return error.ValidationException(
        _INVALID + f"Type mismatch for key {name} expected: {kind} actual: {av.kind_of(value)}")


def _bad_size(name: str, key: bytes, sort: bool) -> Exception:
    if not key:
        return error.ValidationException("One or more parameter values are not valid. The AttributeValue for a key attribute "
                                         f"cannot contain an empty string value. Key: {name}")
    return error.ValidationException(_INVALID + (
        f"Aggregated size of all range keys has exceeded the size limit of {_LONGEST_SORT} bytes" if sort else
        f"Size of hashkey has exceeded the maximum size limit of{_LONGEST_HASH} bytes"))
