"""What a message may hold, and the digests that prove it."""

from __future__ import annotations

import struct
from hashlib import md5
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel import AwsError
from cumulet.services.sqs import content, handles

NAMES = st.text("abcXYZ019_-", min_size=1, max_size=20)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=50)
STRINGS = st.builds(lambda v, k: {"DataType": f"String{k}", "StringValue": v}, TEXTS, st.sampled_from(["", ".x", ".été"]))
NUMBERS = st.builds(lambda v: {"DataType": "Number", "StringValue": str(v)}, st.integers(-10**30, 10**30))
BINARIES = st.builds(lambda v: {"DataType": "Binary", "BinaryValue": v}, st.binary(min_size=1, max_size=50))
ATTRIBUTES = st.dictionaries(NAMES, STRINGS | NUMBERS | BINARIES, min_size=1, max_size=10)


def allowed(char: str) -> bool:
    """The W3C characters that the API's documentation names."""
    c = ord(char)
    return c in (0x9, 0xA, 0xD) or 0x20 <= c <= 0xD7FF or 0xE000 <= c <= 0xFFFD or 0x10000 <= c <= 0x10FFFF


@given(st.text(min_size=1, max_size=30))
def test_a_body_is_refused_exactly_when_a_character_is_not_allowed(body: str) -> None:
    if all(map(allowed, body)):
        assert content.check_body(body) == body.encode()
    else:
        with pytest.raises(AwsError) as caught:
            content.check_body(body)
        assert caught.value.code == "InvalidMessageContents"


@pytest.mark.parametrize("char", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_each_kind_of_illegal_character(char: str) -> None:
    assert content.legal(f"a{char}b") is None
    assert content.legal("a\t\n\r\x7f\ud7ff\ue000\ufffd\U00010000b") is not None


@given(ATTRIBUTES)
def test_the_digest_of_attributes_follows_the_documented_algorithm(attributes: dict[str, Any]) -> None:
    out = b""
    for name, value in sorted(attributes.items()):
        kind = value["DataType"]
        out += struct.pack(">I", len(name)) + name.encode() + struct.pack(">I", len(kind.encode())) + kind.encode()
        data = value["BinaryValue"] if "BinaryValue" in value else value["StringValue"].encode()
        out += (b"\x02" if "BinaryValue" in value else b"\x01") + struct.pack(">I", len(data)) + data
    assert content.attributes_digest(attributes) == md5(out).hexdigest()


def test_a_known_digest() -> None:
    """The digest that AWS's SDKs check for this attribute."""
    assert content.attributes_digest({"timestamp": {"StringValue": "1493147359900", "DataType": "Number"}}) == \
        "235c5c510d26fb653d073faed50ae77c"


@given(ATTRIBUTES)
def test_attributes_count_by_name_type_and_value(attributes: dict[str, Any]) -> None:
    size = sum(len(n.encode()) + len(v["DataType"].encode())
               + len(v.get("BinaryValue") or v["StringValue"].encode()) for n, v in attributes.items())
    assert content.check_attributes(attributes) == size


@pytest.mark.parametrize(("attributes", "words"), [
    ({"": {"DataType": "String", "StringValue": "x"}}, "non-empty message attribute names"),
    ({"a" * 257: {"DataType": "String", "StringValue": "x"}}, "shorter than 256"),
    ({"a b": {"DataType": "String", "StringValue": "x"}}, "non-alphanumeric"),
    ({".a": {"DataType": "String", "StringValue": "x"}}, "start or end"),
    ({"a..b": {"DataType": "String", "StringValue": "x"}}, "successive"),
    ({"AWS.x": {"DataType": "String", "StringValue": "x"}}, "reserved"),
    ({"amazon.x": {"DataType": "String", "StringValue": "x"}}, "reserved"),
    ({"a": {"StringValue": "x"}}, "non-empty message attribute type"),
    ({"a": {"DataType": "Text", "StringValue": "x"}}, "supported type prefixes"),
    ({"a": {"DataType": "Stringy", "StringValue": "x"}}, "supported type prefixes"),
    ({"a": {"DataType": "String"}}, "non-empty message attribute value"),
    ({"a": {"DataType": "String", "StringValue": ""}}, "non-empty message attribute value"),
    ({"a": {"DataType": "String", "BinaryValue": b"x"}}, "non-empty message attribute value"),
    ({"a": {"DataType": "Binary", "StringValue": "x"}}, "non-empty message attribute value"),
    ({"a": {"DataType": "Number", "StringValue": "ten"}}, "Can't cast"),
    ({"a": {"DataType": "Number", "StringValue": "1e400"}}, "Can't cast"),
    ({"a": {"DataType": "String", "StringValue": "\x01"}}, "Invalid characters"),
    ({str(n): {"DataType": "String", "StringValue": "x"} for n in range(11)}, "exceeds the allowed maximum"),
    ({"a": {"DataType": "String", "StringListValues": ["x"]}}, "not supported"),
])
def test_bad_attributes_are_refused_in_words(attributes: dict[str, Any], words: str) -> None:
    with pytest.raises(AwsError, match=words.replace("(", r"\(")):
        content.check_attributes(attributes)


def test_a_receiver_chooses_attributes_by_name_and_prefix() -> None:
    attributes = {name: {"DataType": "String", "StringValue": name} for name in ("bar.a", "bar.b", "barn", "foo")}
    for names, wanted in (
            (["All"], {"bar.a", "bar.b", "barn", "foo"}), ([".*"], {"bar.a", "bar.b", "barn", "foo"}), (["foo"], {"foo"}),
            (["bar.*"], {"bar.a", "bar.b", "barn"}), (["none"], set()), (["bar.a", "foo"], {"bar.a", "foo"})):
        assert set(content.wanted(attributes, names)) == wanted


@given(st.integers(1, 2**40), st.integers(1, 2**40), st.integers(1, 1000), st.uuids())
def test_a_receipt_handle_says_what_it_is_of(queue: int, sequence: int, receives: int, identity: Any) -> None:
    handle = handles.receipt_handle(queue, sequence, receives, str(identity))
    assert handles.read_receipt(handle, queue) == (queue, sequence, receives, str(identity))
    with pytest.raises(AwsError, match="not a valid receipt handle"):
        handles.read_receipt(handle, queue + 1)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: "AQEB" + b.hex()))
def test_garbage_is_no_receipt_handle(text: str) -> None:
    with pytest.raises(AwsError) as caught:
        handles.read_receipt(text, 1)
    assert caught.value.code == "ReceiptHandleIsInvalid"
    with pytest.raises(AwsError):
        handles.read_task_handle(text)
