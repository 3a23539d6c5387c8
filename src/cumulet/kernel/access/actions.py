"""What an operation is called in policies: the reviewed table of names that differ from the operation's.

Where AWS asks for more than one action, or for another one by what the request holds, the service's `access.targets` says so.
"""

from __future__ import annotations

from functools import lru_cache

from ..wire import model

# Models whose operations are authorised by the method and the path of HTTP: `apigateway:GET` on `/restapis/ID`.
BY_METHOD = frozenset({"apigateway", "apigatewayv2"})
# Models whose prefix in policies is not their own name.
_PREFIX = {
    "apigatewaymanagementapi": "execute-api", "apigatewayv2": "apigateway",
    "dynamodbstreams": "dynamodb", "efs": "elasticfilesystem", "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing", "emr": "elasticmapreduce", "opensearch": "es", "s3control": "s3", "sesv2": "ses",
    "stepfunctions": "states", "resourcegroupstaggingapi": "tag", "iot-data": "iot", "cloudhsmv2": "cloudhsm",
    "accessanalyzer": "access-analyzer", "amp": "aps", "appconfigdata": "appconfig", "bedrock-runtime": "bedrock",
    "cloudcontrol": "cloudformation", "docdb": "rds", "iot-jobs-data": "iotjobsdata", "neptune": "rds", "sso-admin": "sso",
    "timestream-query": "timestream", "timestream-write": "timestream",
}
# Operations that are authorised by another action's name.
OTHERS = {
    **{f"execute-api:{name}": "execute-api:ManageConnections"
       for name in ("DeleteConnection", "GetConnection", "PostToConnection")},
    "s3:CompleteMultipartUpload": "s3:PutObject", "s3:CopyObject": "s3:PutObject", "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:DeleteBucketCors": "s3:PutBucketCORS", "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration", "s3:DeleteBucketOwnershipControls":
    "s3:PutBucketOwnershipControls", "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging", "s3:DeleteObjects": "s3:DeleteObject",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock", "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:PutBucketAccelerateConfiguration": "s3:PutAccelerateConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock", "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject", "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads", "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket", "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListParts": "s3:ListMultipartUploadParts", "s3:PutBucketCors": "s3:PutBucketCORS",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock", "s3:UploadPart": "s3:PutObject",
    "s3:UploadPartCopy": "s3:PutObject", "s3:SelectObjectContent": "s3:GetObject",
    **{f"s3:{name}": f"s3express:{name}" for name in (
        "DeleteAccessPointScope", "GetAccessPointScope", "ListAccessPointsForDirectoryBuckets", "PutAccessPointScope")},
    "s3:CreateSession": "s3express:CreateSession", "s3:ListDirectoryBuckets": "s3express:ListAllMyDirectoryBuckets",
    "s3:RenameObject": "s3express:CreateSession", "s3:WriteGetObjectResponse": "s3-object-lambda:WriteGetObjectResponse",
    "s3:DeleteBucketAnalyticsConfiguration": "s3:PutAnalyticsConfiguration",
    "s3:DeleteBucketIntelligentTieringConfiguration": "s3:PutIntelligentTieringConfiguration",
    "s3:DeleteBucketInventoryConfiguration": "s3:PutInventoryConfiguration",
    "s3:DeleteBucketMetricsConfiguration": "s3:PutMetricsConfiguration",
    "s3:CreateBucketMetadataConfiguration": "s3:CreateBucketMetadataTableConfiguration",
    "s3:DeleteBucketMetadataConfiguration": "s3:DeleteBucketMetadataTableConfiguration",
    "s3:GetBucketMetadataConfiguration": "s3:GetBucketMetadataTableConfiguration",
    "s3:GetBucketAnalyticsConfiguration": "s3:GetAnalyticsConfiguration",
    "s3:GetBucketIntelligentTieringConfiguration": "s3:GetIntelligentTieringConfiguration",
    "s3:GetBucketInventoryConfiguration": "s3:GetInventoryConfiguration",
    "s3:GetBucketLifecycle": "s3:GetLifecycleConfiguration", "s3:PutBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:GetBucketMetricsConfiguration": "s3:GetMetricsConfiguration",
    "s3:ListBucketAnalyticsConfigurations": "s3:GetAnalyticsConfiguration",
    "s3:ListBucketIntelligentTieringConfigurations": "s3:GetIntelligentTieringConfiguration",
    "s3:ListBucketInventoryConfigurations": "s3:GetInventoryConfiguration",
    "s3:ListBucketMetricsConfigurations": "s3:GetMetricsConfiguration",
    "s3:PutBucketAnalyticsConfiguration": "s3:PutAnalyticsConfiguration",
    "s3:PutBucketIntelligentTieringConfiguration": "s3:PutIntelligentTieringConfiguration",
    "s3:PutBucketInventoryConfiguration": "s3:PutInventoryConfiguration",
    "s3:PutBucketMetricsConfiguration": "s3:PutMetricsConfiguration",
    "access-analyzer:GetFindingV2": "access-analyzer:GetFinding",
    "access-analyzer:ListFindingsV2": "access-analyzer:ListFindings",
    "dynamodb:TransactGetItems": "dynamodb:GetItem", "dynamodb:TransactWriteItems": "dynamodb:PutItem",
    "dynamodb:ExecuteStatement": "dynamodb:PartiQLSelect", "dynamodb:BatchExecuteStatement": "dynamodb:PartiQLSelect",
    "dynamodb:ExecuteTransaction": "dynamodb:PartiQLSelect", "kms:ReEncrypt": "kms:ReEncryptFrom",
    **{f"logs:{name}": "logs:PutLogEvents"
       for name in ("PutCollectorLogs", "PutNewlineJsonLogs", "PutOpenTelemetryLogs", "PutStructuredJsonLogs")},
    **{f"s3tables:Iceberg{name}": f"s3tables:{action}" for name, action in (
        ("GetConfig", "GetTableBucket"), ("ListNamespaces", "ListNamespaces"), ("CreateNamespace", "CreateNamespace"),
        ("LoadNamespace", "GetNamespace"), ("NamespaceExists", "GetNamespace"), ("DropNamespace", "DeleteNamespace"),
        ("ListTables", "ListTables"), ("CreateTable", "CreateTable"), ("LoadTable", "GetTableMetadataLocation"),
        ("TableExists", "GetTable"), ("UpdateTable", "UpdateTableMetadataLocation"), ("DropTable", "DeleteTable"),
        ("RenameTable", "RenameTable"))},
    "lambda:Invoke": "lambda:InvokeFunction", "lambda:GetLayerVersionByArn": "lambda:GetLayerVersion",
    "lambda:InvokeWithResponseStream": "lambda:InvokeFunction",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility", "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage", "sns:PublishBatch": "sns:Publish",
}


@lru_cache(16384)
def action_of(service: str, operation: str) -> str:
    """The action's name in policies: `s3:ListObjectsV2` is `s3:ListBucket`."""
    if service in BY_METHOD:
        return f"apigateway:{model(service).operations[operation].raw['http']['method']}"
    name = f"{prefix_of(service)}:{operation}"
    return OTHERS.get(name, name)


def prefix_of(service: str) -> str:
    """What stands before the colon of a model's actions."""
    return _PREFIX.get(service, service)
