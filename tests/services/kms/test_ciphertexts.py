"""Properties of ciphertext blobs: they say whose they are, and bind their context; nothing else is taken for one."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel.errors import AwsError
from cumulet.services.kms import ciphertexts, grants
from cumulet.services.kms.ciphertexts import Header, canonical

CONTEXTS = st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=4)
IDS = st.uuids().map(str) | st.uuids().map(lambda u: "mrk-" + u.hex)
HEADERS = st.builds(Header, st.integers(0, 10**12 - 1).map("{:012d}".format), IDS, st.binary(min_size=32, max_size=32).map(
    bytes.hex))


@given(one=CONTEXTS, other=CONTEXTS)
def test_contexts_have_one_form_each(one: dict[str, str], other: dict[str, str]) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)
    assert canonical(dict(reversed(one.items()))) == canonical(one)


@given(header=HEADERS, secret=st.binary(min_size=32, max_size=32), plain=st.binary(max_size=200), context=CONTEXTS,
       other=CONTEXTS, at=st.integers(0))
def test_a_blob_is_read_whole_or_not_at_all(header: Header, secret: bytes, plain: bytes, context: dict[str, str],
                                            other: dict[str, str], at: int) -> None:
    blob = ciphertexts.write(header, secret, bytes(12), plain, context)
    assert ciphertexts.read_header(blob) == header
    assert ciphertexts.read(blob, secret, context) == plain
    changed = bytearray(blob)
    changed[at % len(blob)] ^= 1
    for wrong, said in ((bytes(changed), context), (blob[:-1], context), *([(blob, other)] if other != context else [])):
        with pytest.raises(AwsError, match="InvalidCiphertextException"):
            ciphertexts.read(wrong, secret, said)


@given(blob=st.binary(max_size=300))
def test_other_bytes_are_no_ciphertext(blob: bytes) -> None:
    with pytest.raises(AwsError, match="InvalidCiphertextException"):
        ciphertexts.read_header(blob)


@given(text=st.text(max_size=60) | st.binary(max_size=60).map(lambda b: uuid.uuid5(uuid.NAMESPACE_OID, b.hex()).hex))
def test_other_texts_are_no_grant_tokens(text: str) -> None:
    call: Any = None
    with pytest.raises(AwsError, match="InvalidGrantTokenException"):
        grants.by_token(call, text)
