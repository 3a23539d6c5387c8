"""The block of public access of an account, over the wire and its host prefix."""

from __future__ import annotations

import urllib.request
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

NAMES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def client(cloud: Any, **options: Any) -> Any:
    """S3 Control. Clients put the account before the host, and 127.0.0.1 has no names below it."""
    def reach(request: Any, **_: Any) -> None:
        there = urlsplit(request.url)
        request.headers["Host"] = there.netloc
        request.url = urlunsplit(there._replace(netloc=there.netloc.partition(".")[2]))

    made = cloud.client("s3control", **options)
    made.meta.events.register("before-send", reach)
    return made


def code_of(call: Any, **members: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**members)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_the_accounts_block_comes_changes_and_goes(cloud: Any) -> None:
    control, mine = client(cloud), {"AccountId": cloud.account}
    assert code_of(control.get_public_access_block, **mine) == ("NoSuchPublicAccessBlockConfiguration", 404)
    control.put_public_access_block(**mine, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    read = control.get_public_access_block(**mine)["PublicAccessBlockConfiguration"]
    assert read == dict.fromkeys(NAMES, False) | {"BlockPublicAcls": True}
    other = client(cloud, region="eu-west-1")
    assert other.get_public_access_block(**mine)["PublicAccessBlockConfiguration"] == read
    control.delete_public_access_block(**mine)
    control.delete_public_access_block(**mine)
    assert code_of(control.get_public_access_block, **mine) == ("NoSuchPublicAccessBlockConfiguration", 404)


def test_it_is_the_callers_own_account(cloud: Any) -> None:
    control = client(cloud)
    for call, more in ((control.get_public_access_block, {}), (control.delete_public_access_block, {}),
                       (control.put_public_access_block, {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}})):
        assert code_of(call, AccountId="111122223333", **more) == ("AccessDenied", 403)


def test_the_account_stands_before_the_host(cloud: Any) -> None:
    """What SDKs make of a host name: the account's id, and then the endpoint."""
    client(cloud).put_public_access_block(AccountId=cloud.account, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    host = f"{cloud.account}.s3-control.us-east-1.amazonaws.com"
    signed = AWSRequest("GET", f"http://{host}/v20180820/configuration/publicAccessBlock",
                        headers={"x-amz-account-id": cloud.account})
    SigV4Auth(Credentials(cloud.account, "test"), "s3", "us-east-1").add_auth(signed)
    request = urllib.request.Request(cloud.endpoint + "/v20180820/configuration/publicAccessBlock",
                                     headers=dict(signed.headers) | {"Host": host})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert b"<IgnorePublicAcls>true</IgnorePublicAcls>" in answer.read()
