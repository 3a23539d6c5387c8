"""Object Lambda access points as a bucket's name: by alias, and by host, whose name comes with the same ending.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-use.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cumulet.kernel import AwsError, Call, Guard

ENDING = "--ol-s3"
_HOSTED = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)-(?P<account>\d{12})--ol-s3")
_ALIAS = re.compile(r"[a-z0-9-]+(?P<account>[a-z0-9]{8})--ol-s3")
# What is called otherwise in policies than in the API; all others are called as the operation is.
_ACTIONS = {
    "CompleteMultipartUpload": "PutObject", "CreateMultipartUpload": "PutObject", "DeleteObjects": "DeleteObject",
    "HeadBucket": "ListBucket", "HeadObject": "GetObject", "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjects": "ListBucket", "ListObjectsV2": "ListBucket", "ListObjectVersions": "ListBucketVersions",
    "ListParts": "ListMultipartUploadParts", "UploadPart": "PutObject"}
_VERSIONED = frozenset({"GetObject", "DeleteObject", "GetObjectAcl", "PutObjectAcl", "GetObjectTagging", "PutObjectTagging",
                        "DeleteObjectTagging"})


class LambdaEntrance(NamedTuple):
    """An Object Lambda access point.

    behind: the ARN of the access point that it reads by.  functions: ARN and payload of the function of an action.
    features: which requests of parts its functions understand.
    """

    arn: str
    account: str
    region: str
    name: str
    behind: str
    functions: dict[str, tuple[str, str]]
    features: frozenset[str]


def find(call: Call, name: str) -> LambdaEntrance | None:
    """The Object Lambda access point that a request names in the place of a bucket."""
    if not name.endswith(ENDING):
        return None
    hosted = _HOSTED.fullmatch(name)
    alias = _ALIAS.fullmatch(name) if hosted is None else None
    if hosted is not None:
        account, name = hosted["account"], hosted["name"]
    elif alias is not None:
        account = f"{int(alias['account'], 36):012d}"
    else:
        return None
    peers = call.as_service(account=account)
    try:
        name = peers.s3control.get_access_point_for_object_lambda(AccountId=account, Name=name)["Name"]
        said = peers.s3control.get_access_point_configuration_for_object_lambda(AccountId=account, Name=name)["Configuration"]
    except AwsError:
        return None
    partition = said["SupportingAccessPoint"].split(":")[1]
    functions = {action: (one["ContentTransformation"]["AwsLambda"]["FunctionArn"],
                          one["ContentTransformation"]["AwsLambda"].get("FunctionPayload") or "")
                 for one in said["TransformationConfigurations"] for action in one["Actions"]}
    return LambdaEntrance(f"arn:{partition}:s3-object-lambda:{call.region}:{account}:accesspoint/{name}", account, call.region,
                          name, said["SupportingAccessPoint"], functions, frozenset(said.get("AllowedFeatures") or ()))


def needed(operation: str, versioned: bool) -> str:
    """The action that a request needs on the access point itself."""
    name = _ACTIONS.get(operation, operation)
    if versioned and name in _VERSIONED:
        name = name.replace("Object", "ObjectVersion", 1)
    return f"s3-object-lambda:{name}"


def guard(call: Call, arn: str) -> Guard:
    """Its owner, and its policy."""
    peers = call.as_service()
    try:
        told = peers.s3control.get_access_point_policy_for_object_lambda(AccountId=call.account, Name=arn.rpartition("/")[2])
    except AwsError:
        return Guard(call.account)
    return Guard(call.account, (("access point policy", told["Policy"]),))
