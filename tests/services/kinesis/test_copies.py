"""Streams of an account that is copied under another number go on by themselves."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import urlopen

from .conftest import Make, read


def test_a_copied_stream_is_read_written_and_trimmed_by_itself(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    kinesis.put_records(StreamName="s", Records=[{"Data": b"%d" % n, "PartitionKey": "k"} for n in range(3)])
    other = cloud.other()
    urlopen(f"{cloud.endpoint}/_cumulet/forks/account",
            json.dumps({"account": cloud.account, "into": other.account}).encode()).read()
    theirs = other.client("kinesis")
    theirs.put_record(StreamName="s", Data=b"new", PartitionKey="k")
    assert read(theirs, "s") == [b"0", b"1", b"2", b"new"]
    assert read(kinesis, "s") == [b"0", b"1", b"2"]
    cloud.clock.advance(25 * 3600)
    theirs.put_record(StreamName="s", Data=b"next", PartitionKey="k")
    assert read(theirs, "s") == [b"next"]
    assert read(kinesis, "s") == []
