"""S3's errors with S3's own sentences. Names that the model has no shape for carry their status here."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, error


def no_such_bucket(bucket: str) -> AwsError:
    return error.NoSuchBucket("The specified bucket does not exist", BucketName=bucket)


def no_such_key(key: str) -> AwsError:
    return error.NoSuchKey("The specified key does not exist.", Key=key)


def no_such_version(key: str, version: str) -> AwsError:
    return error.named("NoSuchVersion", "The specified version does not exist.", 404, Key=key, VersionId=version)


def no_such_upload(upload: str) -> AwsError:
    return error.NoSuchUpload("The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
                              "aborted or completed.", UploadId=upload)


def access_denied(message: str = "Access Denied") -> AwsError:
    return error.AccessDenied(message, 403)


def invalid_argument(message: str, name: str = "", value: Any = None) -> AwsError:
    more = {"ArgumentName": name, "ArgumentValue": str(value)} if name else {}
    return error.named("InvalidArgument", message, 400, **more)


def invalid_request(message: str) -> AwsError:
    return error.InvalidRequest(message, 400)


def bad_digest(message: str, **more: Any) -> AwsError:
    return error.named("BadDigest", message, 400, **more)


def precondition_failed(condition: str) -> AwsError:
    return error.named("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412,
                       Condition=condition)


def invalid_range(asked: str, size: int) -> AwsError:
    return error.named("InvalidRange", "The requested range is not satisfiable", 416,
                       RangeRequested=asked, ActualObjectSize=str(size))


def invalid_tag(message: str) -> AwsError:
    return error.named("InvalidTag", message, 400)


def method_not_allowed(method: str) -> AwsError:
    return error.named("MethodNotAllowed", "The specified method is not allowed against this resource.", 405,
                       Method=method, ResourceType="DeleteMarker")


def malformed_xml() -> AwsError:
    return error.named("MalformedXML", "The XML you provided was not well-formed or did not validate against our published "
                       "schema", 400)


def absent(code: str, message: str, bucket: str) -> AwsError:
    """What a bucket has not been given: 404."""
    return error.named(code, message, 404, BucketName=bucket)
