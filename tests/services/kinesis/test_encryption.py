"""Streams under a key of KMS."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import urlopen

import pytest

from cumulet.services.kinesis.resources import Record
from enforced import document, user

from .conftest import Make, iterator, read, refused

SECRET = b"a very secret record"


@pytest.fixture
def key(cloud: Any) -> str:
    return str(cloud.client("kms").create_key()["KeyMetadata"]["KeyId"])


def kept(cloud: Any) -> list[Record]:
    rows: list[Record] = cloud.kernel.store.run_now(lambda tx: tx.table(Record, cloud.account, "us-east-1").scan())
    return rows


def start(kinesis: Any, key: str) -> None:
    kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId=key)


def test_records_lie_sealed_from_the_start_of_encryption_to_its_end(cloud: Any, kinesis: Any, make: Make, key: str) -> None:
    make("s")
    plain = kinesis.put_record(StreamName="s", Data=b"plain", PartitionKey="k")
    assert "EncryptionType" not in plain
    start(kinesis, key)
    told = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    assert (told["EncryptionType"], told["KeyId"]) == ("KMS", key)
    assert kinesis.put_record(StreamName="s", Data=SECRET, PartitionKey="k")["EncryptionType"] == "KMS"
    many = kinesis.put_records(StreamName="s", Records=[{"Data": SECRET, "PartitionKey": "k"}] * 2)
    assert many["EncryptionType"] == "KMS"
    assert [SECRET in row.data for row in kept(cloud)] == [False] * 4
    kinesis.stop_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId=key)
    kinesis.put_record(StreamName="s", Data=b"again", PartitionKey="k")
    records = kinesis.get_records(ShardIterator=iterator(kinesis, "s"))["Records"]
    assert [record["Data"] for record in records] == [b"plain", SECRET, SECRET, SECRET, b"again"]
    assert [record.get("EncryptionType") for record in records] == [None, "KMS", "KMS", "KMS", None]
    assert kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["EncryptionType"] == "NONE"


def test_the_accounts_own_key_for_kinesis(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    start(kinesis, "alias/aws/kinesis")
    kinesis.put_record(StreamName="s", Data=SECRET, PartitionKey="k")
    assert kept(cloud)[0].data != SECRET
    assert read(kinesis, "s") == [SECRET]


def test_keys_that_cannot_be_used(cloud: Any, kinesis: Any, make: Make, key: str) -> None:
    make("s")
    kms = cloud.client("kms")
    asked = {"StreamName": "s", "EncryptionType": "KMS"}
    refused(kinesis.start_stream_encryption, "KMSNotFoundException", **asked, KeyId="alias/none")
    signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    refused(kinesis.start_stream_encryption, "InvalidArgumentException", **asked, KeyId=signing)
    refused(kinesis.start_stream_encryption, "InvalidArgumentException", StreamName="s", EncryptionType="NONE", KeyId=key)
    start(kinesis, key)
    kinesis.put_record(StreamName="s", Data=SECRET, PartitionKey="k")
    kms.disable_key(KeyId=key)
    refused(kinesis.start_stream_encryption, "KMSDisabledException", **asked, KeyId=key)
    cloud.clock.advance(301)
    refused(kinesis.put_record, "KMSDisabledException", StreamName="s", Data=SECRET, PartitionKey="k")
    refused(kinesis.get_records, "KMSDisabledException", ShardIterator=iterator(kinesis, "s"))


def test_who_writes_needs_a_data_key_and_who_reads_needs_to_decrypt(cloud: Any, kinesis: Any, make: Make, key: str) -> None:
    make("s")
    start(kinesis, key)
    urlopen(f"{cloud.endpoint}/_cumulet/iam", json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()).read()
    streams = {"Action": "kinesis:*", "Resource": "*"}
    nobody = cloud.client("kinesis", **user(cloud, "ann", document(streams)))
    make_key, open_key = ({"Action": f"kms:{action}", "Resource": "*"} for action in ("GenerateDataKey", "Decrypt"))
    writer = cloud.client("kinesis", **user(cloud, "ben", document(streams, make_key)))
    reader = cloud.client("kinesis", **user(cloud, "cyd", document(streams, open_key)))
    put = {"StreamName": "s", "Data": SECRET, "PartitionKey": "k"}
    for client in (nobody, reader):
        assert "kms:GenerateDataKey" in refused(client.put_record, "KMSAccessDeniedException", **put)
    writer.put_record(**put)
    for client in (nobody, writer):
        assert "kms:Decrypt" in refused(client.get_records, "KMSAccessDeniedException", ShardIterator=iterator(client, "s"))
    assert read(reader, "s") == [SECRET]


def test_new_keys_are_applied_at_most_twenty_five_times_a_day(cloud: Any, kinesis: Any, make: Make, key: str) -> None:
    make("s")
    for _ in range(25):
        start(kinesis, key)
    refused(kinesis.start_stream_encryption, "LimitExceededException", StreamName="s", EncryptionType="KMS", KeyId=key)
    cloud.clock.advance(86_401)
    start(kinesis, key)
