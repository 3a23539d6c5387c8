"""What AWS's pages say of S3, row by row: each with its page, asked over the wire; of refusals code, status and message.

In members, {b} is a bucket, {v} one with versions, {l} one with object lock, {e} an empty one, {o} another account's.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud, new_account

API = "https://docs.aws.amazon.com/AmazonS3/latest/API/"
GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
_ERRORS = API + "ErrorResponses.html"


class Refused(NamedTuple):
    """A call that AWS refuses. message: a part of what it says."""

    page: str
    what: str
    operation: str
    members: dict[str, Any]
    code: str
    status: int
    message: str


class Answered(NamedTuple):
    """A call that AWS answers. holds: of the answer."""

    page: str
    what: str
    operation: str
    members: dict[str, Any]
    holds: Callable[[Any], bool]


NOWHERE = {"Bucket": "no-such-bucket-{account}"}
K = {"Bucket": "{b}", "Key": "k"}
DAY = 86_400


def lifecycle(**rule: Any) -> dict[str, Any]:
    return {"Bucket": "{b}", "LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "Filter": {"Prefix": ""}} | rule]}}


def tags(count: int, **more: str) -> dict[str, Any]:
    return {"TagSet": [{"Key": f"k{number}", "Value": "v"} for number in range(count)] + [
        {"Key": key, "Value": value} for key, value in more.items()]}


def policy(resource: str, action: str = "s3:GetObject", principal: str = "111122223333") -> str:
    return ('{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "' + principal + '"}, "Action": "'
            + action + '", "Resource": "' + resource + '"}}')


def cors(**rule: Any) -> dict[str, Any]:
    return {"Bucket": "{b}", "CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]} | rule]}}


NAMES = GUIDE + "bucketnamingrules.html"
BAD_NAME = ("InvalidBucketName", 400, "The specified bucket is not valid")
REFUSALS = [
    # --- names of buckets ---
    Refused(NAMES, "names are not shorter than 3", "create_bucket", {"Bucket": "ab"}, *BAD_NAME),
    Refused(NAMES, "names are not longer than 63", "create_bucket", {"Bucket": "a" * 64}, *BAD_NAME),
    Refused(NAMES, "names have no capitals", "create_bucket", {"Bucket": "Photos-{account}"}, *BAD_NAME),
    Refused(NAMES, "names have no underscores", "create_bucket", {"Bucket": "photos_{account}"}, *BAD_NAME),
    Refused(NAMES, "names end with a letter or number", "create_bucket", {"Bucket": "photos-{account}-"}, *BAD_NAME),
    Refused(NAMES, "names begin with a letter or number", "create_bucket", {"Bucket": ".photos-{account}"}, *BAD_NAME),
    Refused(NAMES, "no two periods beside each other", "create_bucket", {"Bucket": "photos..{account}"}, *BAD_NAME),
    Refused(NAMES, "names are no IP addresses", "create_bucket", {"Bucket": "192.168.5.4"}, *BAD_NAME),
    Refused(NAMES, "no prefix xn--", "create_bucket", {"Bucket": "xn--photos-{account}"}, *BAD_NAME),
    Refused(NAMES, "no prefix sthree-", "create_bucket", {"Bucket": "sthree-photos-{account}"}, *BAD_NAME),
    Refused(NAMES, "no suffix -s3alias", "create_bucket", {"Bucket": "photos-{account}-s3alias"}, *BAD_NAME),
    Refused(NAMES, "no suffix --ol-s3", "create_bucket", {"Bucket": "photos-{account}--ol-s3"}, *BAD_NAME),
    Refused(NAMES, "no suffix .mrap", "create_bucket", {"Bucket": "photos-{account}.mrap"}, *BAD_NAME),
    # --- buckets ---
    Refused(API + "API_CreateBucket.html", "a name of another account is taken", "create_bucket", {"Bucket": "{o}"},
            "BucketAlreadyExists", 409, "The requested bucket name is not available"),
    Refused(API + "API_CreateBucket.html", "us-east-1 is no location constraint", "create_bucket",
            {"Bucket": "new-{account}", "CreateBucketConfiguration": {"LocationConstraint": "us-east-1"}},
            "InvalidLocationConstraint", 400, "The specified location-constraint is not valid"),
    Refused(API + "API_DeleteBucket.html", "buckets that are deleted are empty", "delete_bucket", {"Bucket": "{b}"},
            "BucketNotEmpty", 409, "The bucket you tried to delete is not empty"),
    Refused(API + "API_DeleteBucket.html", "versions count as well", "delete_bucket", {"Bucket": "{v}"},
            "BucketNotEmpty", 409, "You must delete all versions in the bucket"),
    Refused(API + "API_HeadBucket.html", "no bucket: 404 without a message body", "head_bucket", NOWHERE, "404", 404,
            "Not Found"),
    Refused(_ERRORS, "listing nowhere", "list_objects_v2", NOWHERE, "NoSuchBucket", 404, "The specified bucket does not exist"),
    Refused(_ERRORS, "putting nowhere", "put_object", NOWHERE | {"Key": "k"}, "NoSuchBucket", 404,
            "The specified bucket does not exist"),
    Refused(_ERRORS, "deleting nowhere", "delete_bucket", NOWHERE, "NoSuchBucket", 404, "The specified bucket does not exist"),
    Refused(GUIDE + "bucket-owner-condition.html", "another owner than expected", "list_objects_v2",
            {"Bucket": "{b}", "ExpectedBucketOwner": "111122223333"}, "AccessDenied", 403, "Access Denied"),
    # --- what a bucket has not been given ---
    Refused(API + "API_GetBucketPolicy.html", "no policy", "get_bucket_policy", {"Bucket": "{e}"}, "NoSuchBucketPolicy", 404,
            "The bucket policy does not exist"),
    Refused(API + "API_GetBucketCors.html", "no CORS rules", "get_bucket_cors", {"Bucket": "{e}"}, "NoSuchCORSConfiguration",
            404,
            "The CORS configuration does not exist"),
    Refused(API + "API_GetBucketLifecycleConfiguration.html", "no lifecycle", "get_bucket_lifecycle_configuration",
            {"Bucket": "{e}"}, "NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist"),
    Refused(API + "API_GetBucketTagging.html", "no tags", "get_bucket_tagging", {"Bucket": "{e}"}, "NoSuchTagSet", 404,
            "The TagSet does not exist"),
    Refused(API + "API_GetBucketWebsite.html", "no website", "get_bucket_website", {"Bucket": "{e}"},
            "NoSuchWebsiteConfiguration", 404, "The specified bucket does not have a website configuration"),
    Refused(API + "API_GetBucketReplication.html", "no replication", "get_bucket_replication", {"Bucket": "{e}"},
            "ReplicationConfigurationNotFoundError", 404, "The replication configuration was not found"),
    Refused(API + "API_GetObjectLockConfiguration.html", "no object lock", "get_object_lock_configuration", {"Bucket": "{e}"},
            "ObjectLockConfigurationNotFoundError", 404, "Object Lock configuration does not exist for this bucket"),
    # --- keys ---
    Refused(GUIDE + "object-keys.html", "keys have at most 1,024 bytes", "put_object", {"Bucket": "{b}", "Key": "k" * 1025},
            "KeyTooLongError", 400, "Your key is too long"),
    Refused(GUIDE + "object-keys.html", "bytes of UTF-8 count", "put_object", {"Bucket": "{b}", "Key": "ä" * 513},
            "KeyTooLongError", 400, "Your key is too long"),
    Refused(API + "API_GetObject.html", "no object", "get_object", {"Bucket": "{b}", "Key": "no"}, "NoSuchKey", 404,
            "The specified key does not exist"),
    Refused(API + "API_HeadObject.html", "no object, asked by HEAD", "head_object", {"Bucket": "{b}", "Key": "no"}, "404", 404,
            "Not Found"),
    # --- reading with conditions ---
    Refused(API + "API_GetObject.html", "If-Match of another entity tag", "get_object", K | {"IfMatch": '"0"'},
            "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold"),
    Refused(API + "API_GetObject.html", "If-None-Match of the same entity tag", "get_object", K | {"IfNoneMatch": "*"}, "304",
            304,
            "Not Modified"),
    Refused(API + "API_GetObject.html", "If-Unmodified-Since before it was modified", "get_object",
            K | {"IfUnmodifiedSince": 1_000_000_000}, "PreconditionFailed", 412, "At least one of the pre-conditions"),
    Refused(API + "API_GetObject.html", "If-Modified-Since afterwards", "get_object", K | {"IfModifiedSince": 4_000_000_000},
            "304", 304, "Not Modified"),
    Refused(API + "API_GetObject.html", "a range behind the end", "get_object", K | {"Range": "bytes=10-"}, "InvalidRange", 416,
            "The requested range is not satisfiable"),
    Refused(API + "API_GetObject.html", "a part that is not there", "get_object", K | {"PartNumber": 2}, "InvalidPartNumber",
            416,
            "The requested partnumber is not satisfiable"),
    Refused(API + "API_GetObject.html", "an archived object", "get_object", {"Bucket": "{b}", "Key": "cold"},
            "InvalidObjectState", 403, "The operation is not valid for the object's storage class"),
    # --- writing ---
    Refused(GUIDE + "conditional-writes.html", "If-None-Match where an object is", "put_object", K | {"IfNoneMatch": "*"},
            "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold"),
    Refused(GUIDE + "conditional-writes.html", "If-Match of another entity tag", "put_object", K | {"IfMatch": '"0"'},
            "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold"),
    Refused(GUIDE + "conditional-writes.html", "If-Match where no object is", "put_object",
            {"Bucket": "{b}", "Key": "no", "IfMatch": '"0"'}, "NoSuchKey", 404, "The specified key does not exist"),
    Refused(API + "API_PutObject.html", "another MD5", "put_object", K | {"Body": b"x",
            "ContentMD5": "rL0Y20zC+Fzt72VPzMSk2A=="},
            "BadDigest", 400, "The Content-MD5 you specified did not match what we received"),
    Refused(API + "API_PutObject.html", "no MD5 at all", "put_object", K | {"Body": b"x", "ContentMD5": "no"},
            "InvalidDigest", 400,
            "The Content-MD5 you specified was invalid"),
    Refused(GUIDE + "checking-object-integrity.html", "another SHA-256", "put_object",
            K | {"Body": b"x", "ChecksumSHA256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}, "BadDigest", 400,
            "The SHA256 you specified did not match"),
    Refused(GUIDE + "UsingMetadata.html", "more than 2 KB of metadata", "put_object", K | {"Metadata": {"a": "x" * 2048}},
            "MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size"),
    Refused(GUIDE + "storage-class-intro.html", "no such storage class", "put_object", K | {"StorageClass": "ATTIC"},
            "InvalidStorageClass", 400, "The storage class you specified is not valid"),
    Refused(GUIDE + "about-object-ownership.html", "no lists where the owner is enforced", "put_object",
            K | {"ACL": "public-read"},
            "AccessControlListNotSupported", 400, "The bucket does not allow ACLs"),
    Refused(GUIDE + "about-object-ownership.html", "nor by PutObjectAcl", "put_object_acl", K | {"ACL": "public-read"},
            "AccessControlListNotSupported", 400, "The bucket does not allow ACLs"),
    # --- copying ---
    Refused(API + "API_CopyObject.html", "onto itself without a change", "copy_object", K | {"CopySource": "{b}/k"},
            "InvalidRequest", 400, "This copy request is illegal because it is trying to copy an object to itself"),
    Refused(API + "API_CopyObject.html", "from no key", "copy_object", K | {"CopySource": "{b}/no"}, "NoSuchKey", 404,
            "The specified key does not exist"),
    Refused(API + "API_CopyObject.html", "from an archive", "copy_object", K | {"CopySource": "{b}/cold"},
            "ObjectNotInActiveTierError", 403, "The source object of the COPY action is not in the active tier"),
    Refused(API + "API_CopyObject.html", "a source that was changed", "copy_object",
            {"Bucket": "{b}", "Key": "l", "CopySource": "{b}/k", "CopySourceIfMatch": '"0"'}, "PreconditionFailed", 412,
            "At least one of the pre-conditions you specified did not hold"),
    # --- uploads in parts ---
    Refused(API + "API_UploadPart.html", "no such upload", "upload_part", K | {"UploadId": "no", "PartNumber": 1},
            "NoSuchUpload",
            404, "The specified upload does not exist. The upload ID may be invalid"),
    Refused(API + "API_UploadPart.html", "parts have numbers to 10,000", "upload_part",
            {"Bucket": "{b}", "Key": "parts", "UploadId": "{upload}", "PartNumber": 10_001}, "InvalidArgument", 400,
            "Part number must be an integer between 1 and 10000, inclusive"),
    Refused(API + "API_CompleteMultipartUpload.html", "a part that was not uploaded", "complete_multipart_upload",
            {"Bucket": "{b}", "Key": "parts", "UploadId": "{upload}",
             "MultipartUpload": {"Parts": [{"PartNumber": 7, "ETag": '"0"'}]}}, "InvalidPart", 400,
            "One or more of the specified parts could not be found"),
    Refused(API + "API_CompleteMultipartUpload.html", "parts out of order", "complete_multipart_upload",
            {"Bucket": "{b}", "Key": "parts", "UploadId": "{upload}", "MultipartUpload": {"Parts": [
                {"PartNumber": 2, "ETag": "{part2}"}, {"PartNumber": 1, "ETag": "{part1}"}]}}, "InvalidPartOrder", 400,
            "The list of parts was not in ascending order"),
    Refused(API + "API_CompleteMultipartUpload.html", "parts but the last have 5 MB", "complete_multipart_upload",
            {"Bucket": "{b}", "Key": "parts", "UploadId": "{upload}", "MultipartUpload": {"Parts": [
                {"PartNumber": 1, "ETag": "{part1}"}, {"PartNumber": 2, "ETag": "{part2}"}]}}, "EntityTooSmall", 400,
            "Your proposed upload is smaller than the minimum allowed"),
    Refused(API + "API_AbortMultipartUpload.html", "nothing to abort", "abort_multipart_upload", K | {"UploadId": "no"},
            "NoSuchUpload", 404, "The specified upload does not exist"),
    Refused(API + "API_ListParts.html", "parts of no upload", "list_parts", K | {"UploadId": "no"}, "NoSuchUpload", 404,
            "The specified upload does not exist"),
    # --- tags ---
    Refused(GUIDE + "object-tagging.html", "objects have at most 10 tags", "put_object_tagging", K | {"Tagging": tags(11)},
            "BadRequest", 400, "Object tags cannot be greater than 10"),
    Refused(GUIDE + "object-tagging.html", "keys have at most 128 characters", "put_object_tagging",
            K | {"Tagging": tags(0, **{"k" * 129: "v"})}, "InvalidTag", 400, "The TagKey you have provided is invalid"),
    Refused(GUIDE + "object-tagging.html", "values have at most 256 characters", "put_object_tagging",
            K | {"Tagging": tags(0, key="v" * 257)}, "InvalidTag", 400, "The TagValue you have provided is invalid"),
    Refused(API + "API_PutBucketTagging.html", "no key twice", "put_bucket_tagging",
            {"Bucket": "{b}", "Tagging": {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}}, "InvalidTag",
            400,
            "Cannot provide multiple Tags with the same key"),
    Refused(API + "API_PutBucketTagging.html", "no tags of AWS's own", "put_bucket_tagging",
            {"Bucket": "{b}", "Tagging": tags(0, **{"aws:mine": "1"})}, "InvalidTag", 400, "System tags cannot be"),
    # --- versions ---
    Refused(GUIDE + "DeleteMarker.html", "behind a delete marker", "get_object", {"Bucket": "{v}", "Key": "gone"},
            "NoSuchKey", 404,
            "The specified key does not exist"),
    Refused(GUIDE + "DeleteMarker.html", "a delete marker itself", "get_object",
            {"Bucket": "{v}", "Key": "gone", "VersionId": "{marker}"}, "MethodNotAllowed", 405,
            "The specified method is not allowed against this resource"),
    Refused(API + "API_GetObject.html", "no version id", "get_object", {"Bucket": "{v}", "Key": "k", "VersionId": "no"},
            "InvalidArgument", 400, "Invalid version id specified"),
    Refused(_ERRORS, "a version of another key", "get_object", {"Bucket": "{v}", "Key": "other", "VersionId": "{first}"},
            "NoSuchVersion", 404, "The specified version does not exist"),
    Refused(API + "API_PutBucketVersioning.html", "versioning is said", "put_bucket_versioning",
            {"Bucket": "{b}", "VersioningConfiguration": {}}, "IllegalVersioningConfigurationException", 400,
            "The Versioning element must be specified"),
    Refused(GUIDE + "object-lock.html", "versioning stays where object lock is", "put_bucket_versioning",
            {"Bucket": "{l}", "VersioningConfiguration": {"Status": "Suspended"}}, "InvalidBucketState", 409,
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed"),
    # --- object lock ---
    Refused(GUIDE + "object-lock.html", "a locked version is not deleted", "delete_object",
            {"Bucket": "{l}", "Key": "kept", "VersionId": "{kept}"}, "AccessDenied", 403, "object protected by object lock"),
    Refused(GUIDE + "object-lock.html", "nor by bypassing compliance", "delete_object",
            {"Bucket": "{l}", "Key": "kept", "VersionId": "{kept}", "BypassGovernanceRetention": True}, "AccessDenied", 403,
            "object protected by object lock"),
    Refused(GUIDE + "object-lock.html", "a legal hold holds", "delete_object",
            {"Bucket": "{l}", "Key": "held", "VersionId": "{held}"}, "AccessDenied", 403, "object protected by object lock"),
    Refused(GUIDE + "object-lock.html", "compliance is not shortened", "put_object_retention",
            {"Bucket": "{l}", "Key": "kept", "Retention": {"Mode": "COMPLIANCE", "RetainUntilDate": "{soon}"}},
            "AccessDenied", 403,
            "object protected by object lock"),
    Refused(API + "API_PutObjectRetention.html", "only where object lock is", "put_object_retention",
            K | {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": "{soon}"}}, "InvalidRequest", 400,
            "Bucket is missing Object Lock Configuration"),
    Refused(API + "API_PutObjectRetention.html", "not into the past", "put_object_retention",
            {"Bucket": "{l}", "Key": "free", "Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": 1_000_000_000}},
            "InvalidArgument", 400, "The retain until date must be in the future!"),
    Refused(API + "API_GetObjectRetention.html", "no retention", "get_object_retention", {"Bucket": "{l}", "Key": "free"},
            "NoSuchObjectLockConfiguration", 404, "The specified object does not have a ObjectLock configuration"),
    # --- lifecycle ---
    Refused(GUIDE + "intro-lifecycle-rules.html", "to STANDARD_IA after 30 days", "put_bucket_lifecycle_configuration",
            lifecycle(Transitions=[{"Days": 29, "StorageClass": "STANDARD_IA"}]), "InvalidArgument", 400,
            "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'"),
    Refused(GUIDE + "intro-lifecycle-rules.html", "expiry comes after the transitions", "put_bucket_lifecycle_configuration",
            lifecycle(Transitions=[{"Days": 90, "StorageClass": "GLACIER"}], Expiration={"Days": 60}), "InvalidArgument", 400,
            "'Days' in the Expiration action for filter"),
    Refused(GUIDE + "intro-lifecycle-rules.html", "a rule does something", "put_bucket_lifecycle_configuration", lifecycle(),
            "InvalidRequest", 400, "At least one action needs to be specified in a rule"),
    Refused(GUIDE + "intro-lifecycle-rules.html", "dates are at midnight", "put_bucket_lifecycle_configuration",
            lifecycle(Expiration={"Date": "2030-01-01T12:00:00Z"}), "InvalidArgument", 400, "'Date' must be at midnight GMT"),
    Refused(API + "API_RestoreObject.html", "what is not archived is not restored", "restore_object",
            K | {"RestoreRequest": {"Days": 1}}, "InvalidObjectState", 403,
            "Restore is not allowed for the object's current storage class"),
    # --- policies and who gets in ---
    Refused(API + "API_PutBucketPolicy.html", "policies are JSON", "put_bucket_policy", {"Bucket": "{b}", "Policy": "{no json"},
            "MalformedPolicy", 400, "This policy contains invalid Json"),
    Refused(GUIDE + "s3-bucket-user-policy-specifying-principal-intro.html", "principals are ARNs or accounts",
            "put_bucket_policy", {"Bucket": "{b}", "Policy": policy("arn:aws:s3:::{b}/*", principal="somebody")},
            "MalformedPolicy", 400, "Invalid principal in policy"),
    Refused(GUIDE + "security_iam_service-with-iam.html", "resources are the bucket's", "put_bucket_policy",
            {"Bucket": "{b}", "Policy": policy("arn:aws:s3:::another-bucket/*", principal="{account}")}, "MalformedPolicy", 400,
            "Policy has invalid resource"),
    Refused(GUIDE + "security_iam_service-with-iam.html", "actions fit their resources", "put_bucket_policy",
            {"Bucket": "{b}", "Policy": policy("arn:aws:s3:::{b}", principal="{account}")}, "MalformedPolicy", 400,
            "Action does not apply to any resource(s) in statement"),
    Refused(GUIDE + "access-control-block-public-access.html", "public policies are blocked", "put_bucket_policy",
            {"Bucket": "{b}", "Policy": policy("arn:aws:s3:::{b}/*", principal="*")}, "AccessDenied", 403, "BlockPublicPolicy"),
    # --- other configurations ---
    Refused(GUIDE + "ManageCorsUsing.html", "methods are GET, PUT, POST, DELETE, HEAD", "put_bucket_cors",
            cors(AllowedMethods=["OPTIONS"]), "InvalidRequest", 400,
            "Found unsupported HTTP method in CORS config. Unsupported method is OPTIONS"),
    Refused(GUIDE + "ManageCorsUsing.html", "one wildcard an origin", "put_bucket_cors",
            cors(AllowedOrigins=["http://*.*.example"]), "InvalidRequest", 400, "can not have more than one wildcard"),
    Refused(GUIDE + "transfer-acceleration.html", "no acceleration of names with periods",
            "put_bucket_accelerate_configuration",
            {"Bucket": "{dotted}", "AccelerateConfiguration": {"Status": "Enabled"}}, "InvalidRequest", 400,
            "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"),
    Refused(GUIDE + "notification-how-to-event-types-and-destinations.html", "destinations are there",
            "put_bucket_notification_configuration", {"Bucket": "{b}", "NotificationConfiguration": {"QueueConfigurations": [
                {"QueueArn": "arn:aws:sqs:us-east-1:{account}:nowhere", "Events": ["s3:ObjectCreated:*"]}]}},
                "InvalidArgument", 400,
            "Unable to validate the following destination configurations"),
    Refused(GUIDE + "notification-how-to-event-types-and-destinations.html", "no FIFO queues",
            "put_bucket_notification_configuration", {"Bucket": "{b}", "NotificationConfiguration": {"QueueConfigurations": [
                {"QueueArn": "arn:aws:sqs:us-east-1:{account}:q.fifo", "Events": ["s3:ObjectCreated:*"]}]}},
                "InvalidArgument", 400,
            "FIFO"),
    Refused(GUIDE + "replication-requirements.html", "the source has versions", "put_bucket_replication",
            {"Bucket": "{b}", "ReplicationConfiguration": {"Role": "arn:aws:iam::{account}:role/r", "Rules": [
                {"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::{v}"}}]}}, "InvalidRequest", 400,
            "Versioning must be 'Enabled' on the bucket to apply a replication configuration"),
    Refused(GUIDE + "replication-requirements.html", "so has the destination", "put_bucket_replication",
            {"Bucket": "{v}", "ReplicationConfiguration": {"Role": "arn:aws:iam::{account}:role/r", "Rules": [
                {"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::{b}"}}]}}, "InvalidRequest", 400,
            "Destination bucket must have versioning enabled"),
    Refused(GUIDE + "ServerSideEncryptionCustomerKeys.html", "customers' keys have 256 bits", "put_object",
            K | {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "short"}, "InvalidArgument", 400,
            "The secret key was invalid for the specified algorithm"),
    Refused(GUIDE + "ServerSideEncryptionCustomerKeys.html", "a customer's key is given again", "get_object",
            {"Bucket": "{b}", "Key": "sealed"}, "InvalidRequest", 400,
            "The object was stored using a form of Server Side Encryption"),
    Refused(GUIDE + "ServerSideEncryptionCustomerKeys.html", "and none for what has none", "get_object",
            K | {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}, "InvalidRequest", 400,
            "The encryption parameters are not applicable to this object"),
    Refused(API + "API_DeleteObjects.html", "at most 1,000 keys", "delete_objects",
            {"Bucket": "{e}", "Delete": {"Objects": [{"Key": str(number)} for number in range(1001)]}}, "MalformedXML", 400,
            "The XML you provided was not well-formed or did not validate against our published schema"),
]

ANSWERS = [
    Answered(API + "API_PutObject.html", "the entity tag is the MD5", "put_object", {"Bucket": "{b}", "Key": "new",
            "Body": b"x"},
             lambda a: a["ETag"] == '"9dd4e461268c8034f5c8564e155c67a6"'),
    Answered(GUIDE + "default-encryption-faq.html", "all objects are encrypted", "head_object", K,
             lambda a: a["ServerSideEncryption"] == "AES256"),
    Answered(API + "API_PutObject.html", "a type without being said", "head_object", {"Bucket": "{b}", "Key": "bare"},
             lambda a: a["ContentType"] == "binary/octet-stream"),
    Answered(API + "API_HeadObject.html", "STANDARD is not told", "head_object", K, lambda a: "StorageClass" not in a),
    Answered(GUIDE + "UsingMetadata.html", "names of metadata are in lower case", "head_object", K,
             lambda a: a["Metadata"] == {"who": "Ann"}),
    Answered(API + "API_GetObject.html", "a range", "get_object", K | {"Range": "bytes=2-4"},
             lambda a: (a["Body"].read(), a["ContentRange"], a["ResponseMetadata"]["HTTPStatusCode"]) == (
                 b"234", "bytes 2-4/10", 206)),
    Answered(API + "API_GetObject.html", "the last bytes", "get_object", K | {"Range": "bytes=-3"},
             lambda a: a["Body"].read() == b"789"),
    Answered(API + "API_GetObject.html", "several ranges are not supported", "get_object", K | {"Range": "bytes=0-1,3-4"},
             lambda a: a["Body"].read() == b"0123456789"),
    Answered(API + "API_GetObject.html", "headers as the request wishes", "get_object", K | {"ResponseContentType": "text/x"},
             lambda a: a["ContentType"] == "text/x"),
    Answered(API + "API_ListObjectsV2.html", "common prefixes", "list_objects_v2", {"Bucket": "{b}", "Delimiter": "/"},
             lambda a: [one["Prefix"] for one in a["CommonPrefixes"]] == ["folder/"]),
    Answered(API + "API_ListObjectsV2.html", "pages", "list_objects_v2", {"Bucket": "{b}", "MaxKeys": 1},
             lambda a: a["IsTruncated"] and a["KeyCount"] == 1 and bool(a["NextContinuationToken"])),
    Answered(API + "API_ListObjectsV2.html", "owners are told when asked for", "list_objects_v2", {"Bucket": "{b}"},
             lambda a: all("Owner" not in one for one in a["Contents"])),
    Answered(API + "API_ListObjects.html", "the first version tells owners", "list_objects", {"Bucket": "{b}"},
             lambda a: all(one["Owner"]["ID"] for one in a["Contents"])),
    Answered(API + "API_ListObjectsV2.html", "keys in order of UTF-8", "list_objects_v2", {"Bucket": "{b}",
            "Prefix": "folder/"},
             lambda a: [one["Key"] for one in a["Contents"]] == ["folder/B", "folder/a", "folder/ä"]),
    Answered(API + "API_ListObjectsV2.html", "begin after a key", "list_objects_v2",
             {"Bucket": "{b}", "Prefix": "folder/", "StartAfter": "folder/a"},
             lambda a: [one["Key"] for one in a["Contents"]] == ["folder/ä"]),
    Answered(API + "API_ListObjectVersions.html", "newest first", "list_object_versions", {"Bucket": "{v}", "Prefix": "k"},
             lambda a: [one["IsLatest"] for one in a["Versions"]] == [True, False]),
    Answered(API + "API_ListObjectVersions.html", "delete markers apart", "list_object_versions",
             {"Bucket": "{v}", "Prefix": "gone"}, lambda a: a["DeleteMarkers"][0]["IsLatest"] and len(a["Versions"]) == 1),
    Answered(API + "API_DeleteObject.html", "what is not there is deleted", "delete_object", {"Bucket": "{b}", "Key": "no"},
             lambda a: a["ResponseMetadata"]["HTTPStatusCode"] == 204),
    Answered(GUIDE + "DeletingObjectVersions.html", "deleting makes a marker", "delete_object", {"Bucket": "{v}",
            "Key": "never"},
             lambda a: a["DeleteMarker"] is True and bool(a["VersionId"])),
    Answered(API + "API_DeleteObjects.html", "quiet answers tell errors only", "delete_objects",
             {"Bucket": "{e}", "Delete": {"Quiet": True, "Objects": [{"Key": "no"}]}}, lambda a: "Deleted" not in a),
    Answered(API + "API_GetBucketLocation.html", "us-east-1 is none", "get_bucket_location", {"Bucket": "{b}"},
             lambda a: a["LocationConstraint"] is None),
    Answered(API + "API_GetBucketVersioning.html", "never said: no status", "get_bucket_versioning", {"Bucket": "{e}"},
             lambda a: "Status" not in a),
    Answered(GUIDE + "access-control-block-public-access.html", "new buckets block the public", "get_public_access_block",
             {"Bucket": "{e}"}, lambda a: set(a["PublicAccessBlockConfiguration"].values()) == {True}),
    Answered(GUIDE + "about-object-ownership.html", "new buckets have no lists", "get_bucket_ownership_controls",
            {"Bucket": "{e}"},
             lambda a: a["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]),
    Answered(GUIDE + "default-bucket-encryption.html", "new buckets encrypt by S3's keys", "get_bucket_encryption",
             {"Bucket": "{e}"}, lambda a: a["ServerSideEncryptionConfiguration"]["Rules"][0][
                 "ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}),
    Answered(API + "API_GetBucketRequestPayment.html", "the owner pays", "get_bucket_request_payment", {"Bucket": "{e}"},
             lambda a: a["Payer"] == "BucketOwner"),
    Answered(API + "API_GetObjectAttributes.html", "attributes without reading", "get_object_attributes",
             K | {"ObjectAttributes": ["ObjectSize", "StorageClass", "ETag"]},
             lambda a: (a["ObjectSize"], a["StorageClass"]) == (10, "STANDARD") and not a["ETag"].startswith('"')),
    Answered(API + "API_CreateBucket.html", "one's own bucket again, in us-east-1", "create_bucket", {"Bucket": "{e}"},
             lambda a: a["ResponseMetadata"]["HTTPStatusCode"] == 200),
]


@pytest.fixture(scope="module")
def world(shared_cloud: Any) -> Any:
    """The buckets, and what is in them: `client`, and `names` by which rows call them."""
    cloud = Cloud(shared_cloud, new_account())
    s3, account = cloud.client("s3"), cloud.account
    names = {"account": account} | {letter: f"documented-{letter}-{account}" for letter in "bvleo"}
    names["dotted"] = f"documented.{account}"
    for letter in ("b", "v", "e", "dotted"):
        s3.create_bucket(Bucket=names[letter])
    s3.create_bucket(Bucket=names["l"], ObjectLockEnabledForBucket=True)
    cloud.other().client("s3").create_bucket(Bucket=names["o"])
    _fill(s3, names, cloud.clock.now())
    return SimpleNamespace(client=s3, names=names)


def _fill(s3: Any, names: dict[str, str], now: float) -> None:
    b, v, locked = names["b"], names["v"], names["l"]
    s3.put_object(Bucket=b, Key="k", Body=b"0123456789", Metadata={"Who": "Ann"})
    s3.put_object(Bucket=b, Key="bare", Body=b"")
    s3.put_object(Bucket=b, Key="cold", Body=b"x", StorageClass="GLACIER")
    s3.put_object(Bucket=b, Key="sealed", Body=b"x", SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
    for key in ("a", "B", "ä"):
        s3.put_object(Bucket=b, Key=f"folder/{key}", Body=b"x")
    names["upload"] = s3.create_multipart_upload(Bucket=b, Key="parts")["UploadId"]
    for number in (1, 2):
        names[f"part{number}"] = s3.upload_part(Bucket=b, Key="parts", UploadId=names["upload"], PartNumber=number,
                                                Body=b"short")["ETag"]
    s3.put_bucket_versioning(Bucket=v, VersioningConfiguration={"Status": "Enabled"})
    names["first"] = s3.put_object(Bucket=v, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=v, Key="k", Body=b"2")
    s3.put_object(Bucket=v, Key="gone", Body=b"1")
    names["marker"] = s3.delete_object(Bucket=v, Key="gone")["VersionId"]
    names["kept"] = s3.put_object(Bucket=locked, Key="kept", Body=b"x", ObjectLockMode="COMPLIANCE",
                                  ObjectLockRetainUntilDate=now + 9 * DAY)["VersionId"]
    names["held"] = s3.put_object(Bucket=locked, Key="held", Body=b"x", ObjectLockLegalHoldStatus="ON")["VersionId"]
    s3.put_object(Bucket=locked, Key="free", Body=b"x")
    names["soon"] = str(int(now) + DAY)


def filled(value: Any, names: dict[str, str]) -> Any:
    """With the names of this world."""
    if isinstance(value, str):
        for name, real in names.items():
            value = value.replace("{" + name + "}", real)
        return value
    if isinstance(value, dict):
        return {key: filled(inner, names) for key, inner in value.items()}
    return [filled(inner, names) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("row", REFUSALS, ids=[f"{row.operation}: {row.what}" for row in REFUSALS])
def test_what_aws_refuses(world: Any, row: Refused) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(world.client, row.operation)(**filled(row.members, world.names))
    told, status = caught.value.response["Error"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert (told["Code"], status) == (row.code, row.status), row.page
    assert row.message in told["Message"], row.page


@pytest.mark.parametrize("row", ANSWERS, ids=[f"{row.operation}: {row.what}" for row in ANSWERS])
def test_what_aws_answers(world: Any, row: Answered) -> None:
    answer = getattr(world.client, row.operation)(**filled(row.members, world.names))
    assert row.holds(answer), (row.page, answer)


def test_there_are_a_hundred_of_them() -> None:
    assert len({(row.operation, row.what) for row in (*REFUSALS, *ANSWERS)}) >= 100
