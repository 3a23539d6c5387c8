"""Buckets whose requesters pay."""

from __future__ import annotations

from typing import Any

import pytest

from services.s3.browser import ask
from services.s3.refusals import refused

PAYS = {"RequestPayer": "requester"}


@pytest.fixture
def paid(s3: Any) -> Any:
    """A bucket that others pay for, with an object."""
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    s3.put_bucket_request_payment(Bucket=s3.bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    return s3


def test_configuration_is_kept(paid: Any) -> None:
    assert paid.get_bucket_request_payment(Bucket=paid.bucket)["Payer"] == "Requester"
    paid.put_bucket_request_payment(Bucket=paid.bucket, RequestPaymentConfiguration={"Payer": "BucketOwner"})
    assert paid.get_bucket_request_payment(Bucket=paid.bucket)["Payer"] == "BucketOwner"
    wrong = {"Bucket": paid.bucket, "RequestPaymentConfiguration": {"Payer": "Somebody"}}
    assert refused(paid.put_bucket_request_payment, **wrong) == ("MalformedXML", 400)


def test_others_say_that_they_pay(paid: Any, cloud: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html"""
    other, where = cloud.other().client("s3"), {"Bucket": paid.bucket, "Key": "k"}
    for call, members in ((other.get_object, where), (other.put_object, where), (other.delete_object, where),
                          (other.list_objects_v2, {"Bucket": paid.bucket})):
        assert refused(call, **members) == ("AccessDenied", 403)
    assert refused(other.head_object, **where) == ("403", 403)
    for answer in (other.get_object(**where, **PAYS), other.head_object(**where, **PAYS),
                   other.list_objects_v2(Bucket=paid.bucket, **PAYS), other.put_object(**where, **PAYS, Body=b"theirs"),
                   other.create_multipart_upload(**where, **PAYS), other.delete_object(**where, **PAYS)):
        assert answer["RequestCharged"] == "requester"


def test_copies_are_paid_at_both_ends(paid: Any, cloud: Any) -> None:
    other, mine = cloud.other(), f"mine-{cloud.account}"
    client = other.client("s3")
    client.create_bucket(Bucket=mine)
    copy = {"Bucket": mine, "Key": "k", "CopySource": f"{paid.bucket}/k"}
    assert refused(client.copy_object, **copy) == ("AccessDenied", 403)
    client.copy_object(**copy, **PAYS)
    assert client.get_object(Bucket=mine, Key="k")["Body"].read() == b"x"


def test_the_owner_pays_nothing_extra(paid: Any, cloud: Any) -> None:
    got = paid.get_object(Bucket=paid.bucket, Key="k")
    assert "RequestCharged" not in got
    assert cloud.other().client("s3").get_bucket_request_payment(Bucket=paid.bucket)["Payer"] == "Requester"


def test_nobody_without_a_signature(paid: Any, cloud: Any) -> None:
    answer = ask(cloud.endpoint, "GET", f"/{paid.bucket}/k", x_amz_request_payer="requester")
    assert (answer.status, b"AccessDenied" in answer.body) == (403, True)


def test_addresses_say_it_too(paid: Any, cloud: Any) -> None:
    other = cloud.other().client("s3")
    address = other.generate_presigned_url("get_object", Params={"Bucket": paid.bucket, "Key": "k", **PAYS})
    path = "/" + address.split("/", 3)[3]
    assert ask(cloud.endpoint, "GET", path).body == b"x"
