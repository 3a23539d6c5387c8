import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from shop import receipts


@pytest.fixture(autouse=True)
def bucket(s3):
    receipts.setup()


def test_a_receipt_comes_back(s3):
    receipts.save("ann", "1", [{"what": "tea", "cents": 350}])
    assert receipts.load("ann", "1") == [{"what": "tea", "cents": 350}]


def test_its_metadata_says_how_long_it_is(s3):
    receipts.save("ann", "1", [1, 2, 3])
    found = s3.head_object(Bucket=receipts.BUCKET, Key="ann/1.json")
    assert found["Metadata"] == {"lines": "3"}
    assert found["ContentType"] == "application/json"


def test_one_that_is_not_there(s3):
    with pytest.raises(receipts.NoReceipt):
        receipts.load("ann", "2")


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_all_of_a_customer_over_pages(s3, count):
    for number in range(count):
        receipts.save("ann", str(number), [])
    receipts.save("bob", "9", [])
    assert receipts.numbers("ann") == [str(n) for n in range(count)]


def test_customers_are_folders():
    for customer in ("bob", "ann", "cid"):
        receipts.save(customer, "1", [])
    assert receipts.customers() == ["ann", "bob", "cid"]


def test_forgetting_a_customer_leaves_others():
    receipts.save("ann", "1", [])
    receipts.save("bob", "1", [])
    receipts.forget("ann")
    assert receipts.numbers("ann") == []
    assert receipts.numbers("bob") == ["1"]


def test_earlier_ones_are_kept():
    receipts.save("ann", "1", [1])
    receipts.save("ann", "1", [2])
    assert receipts.versions("ann", "1") == 2
    assert receipts.load("ann", "1") == [2]


def test_the_archive_is_a_copy(s3):
    receipts.save("ann", "1", [1])
    receipts.archive("ann", "1")
    assert s3.get_object(Bucket=receipts.BUCKET, Key="archive/ann/1.json")["Body"].read() == b"[1]"


@mock_aws
def test_without_the_bucket_the_error_goes_up(s3):
    boto3.resource("s3").Bucket(receipts.BUCKET).delete()
    with pytest.raises(ClientError) as failed:
        receipts.load("ann", "1")
    assert failed.value.response["Error"]["Code"] == "NoSuchBucket"
