"""A DynamoDB client, tables to try on, and what an error says."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

Make = Callable[..., str]


@pytest.fixture
def dynamodb(cloud: Any) -> Any:
    return cloud.client("dynamodb")


@pytest.fixture
def client(cloud: Any) -> Any:
    """A client that does not try again."""
    return boto3.client("dynamodb", endpoint_url=cloud.endpoint, region_name="us-east-1", aws_access_key_id=cloud.account,
                        aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def make(dynamodb: Any) -> Make:
    """`make("name", "pk", "sk:N")` creates a table; further members as CreateTable has them."""

    def create(name: str, hash_key: str, sort_key: str = "", *more: str, **members: Any) -> str:
        named = [key.partition(":") for key in (hash_key, sort_key, *more) if key]
        dynamodb.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": named[0][0], "KeyType": "HASH"},
                       *([{"AttributeName": named[1][0], "KeyType": "RANGE"}] if sort_key else [])],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": t or "S"} for n, _, t in named], **members)
        return name

    return create


def index(name: str, hash_key: str, sort_key: str = "", projection: str = "ALL", attributes: tuple[str, ...] = ()) -> Any:
    """An index as CreateTable takes it."""
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    if sort_key:
        keys.append({"AttributeName": sort_key, "KeyType": "RANGE"})
    shown: dict[str, Any] = {"ProjectionType": projection}
    if attributes:
        shown["NonKeyAttributes"] = list(attributes)
    return {"IndexName": name, "KeySchema": keys, "Projection": shown}


def answered(call: Callable[..., Any], code: str, **members: Any) -> Any:
    """The whole answer of a call that is refused."""
    with pytest.raises(ClientError) as caught:
        call(**members)
    assert caught.value.response["Error"]["Code"] == code, caught.value.response
    return caught.value.response


def refused(call: Callable[..., Any], code: str = "ValidationException", **members: Any) -> str:
    """The message with which a call is refused."""
    message: str = answered(call, code, **members)["Error"]["Message"]
    return message


def S(text: str) -> dict[str, Any]:
    return {"S": text}


def N(number: float | str) -> dict[str, Any]:
    return {"N": str(number)}
