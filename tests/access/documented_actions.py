"""What AWS documents of each operation's permission, where it is not simply the operation's name: one reviewed table.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from cumulet.kernel.wire import model

# The prefix of a model's actions, where it is not the model's name.
PREFIXES = {"accessanalyzer": "access-analyzer", "apigatewaymanagementapi": "execute-api",
            "cloudcontrol": "cloudformation", "dynamodbstreams": "dynamodb",
            "s3control": "s3", "sso-admin": "sso"}

# https://docs.aws.amazon.com/apigateway/latest/developerguide/security_iam_service-with-iam.html: methods on paths.
BY_METHOD = {"apigateway", "apigatewayv2"}

# (api, operation) → all actions that a call with the required members alone needs.
OTHERS: dict[tuple[str, str], tuple[str, ...]] = {
    **{("apigatewaymanagementapi", name): ("execute-api:ManageConnections",)
       for name in ("DeleteConnection", "GetConnection", "PostToConnection")},
    ("accessanalyzer", "GetFindingV2"): ("access-analyzer:GetFinding",),
    ("accessanalyzer", "ListFindingsV2"): ("access-analyzer:ListFindings",),
    # The statements' own verbs count; the one that is sent selects.
    ("dynamodb", "BatchExecuteStatement"): ("dynamodb:PartiQLSelect",),
    ("lambda", "InvokeWithResponseStream"): ("lambda:InvokeFunction",),
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_iam.html
    ("dynamodb", "EnableKinesisStreamingDestination"): (
        "dynamodb:EnableKinesisStreamingDestination", "kinesis:PutRecords", "kinesis:DescribeStream", "kinesis:ListStreams"),
    ("dynamodb", "ExecuteStatement"): ("dynamodb:PartiQLSelect",),
    ("dynamodb", "ExecuteTransaction"): ("dynamodb:PartiQLSelect",),
    # A transaction is made of the operations that are in it; the generated ones have puts, gets, … or none.
    ("dynamodb", "TransactGetItems"): ("dynamodb:GetItem",),
    ("dynamodb", "TransactWriteItems"): (
        "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"),
    ("kms", "ReEncrypt"): ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
    ("kms", "ReplicateKey"): ("kms:ReplicateKey", "kms:CreateKey"),
    ("lambda", "GetLayerVersionByArn"): ("lambda:GetLayerVersion",),
    ("lambda", "Invoke"): ("lambda:InvokeFunction",),
    ("s3", "CompleteMultipartUpload"): ("s3:PutObject",),
    ("s3", "CopyObject"): ("s3:PutObject", "s3:GetObject"),
    ("s3", "CreateMultipartUpload"): ("s3:PutObject",),
    ("s3", "DeleteBucketCors"): ("s3:PutBucketCORS",),
    ("s3", "DeleteBucketEncryption"): ("s3:PutEncryptionConfiguration",),
    ("s3", "DeleteBucketIntelligentTieringConfiguration"): ("s3:PutIntelligentTieringConfiguration",),
    ("s3", "CreateBucketMetadataConfiguration"): ("s3:CreateBucketMetadataTableConfiguration",),
    ("s3", "DeleteBucketMetadataConfiguration"): ("s3:DeleteBucketMetadataTableConfiguration",),
    ("s3", "GetBucketMetadataConfiguration"): ("s3:GetBucketMetadataTableConfiguration",),
    ("s3", "CreateSession"): ("s3express:CreateSession",),
    ("s3control", "DeleteAccessPointScope"): ("s3express:DeleteAccessPointScope",),
    ("s3control", "GetAccessPointScope"): ("s3express:GetAccessPointScope",),
    ("s3control", "ListAccessPointsForDirectoryBuckets"): ("s3express:ListAccessPointsForDirectoryBuckets",),
    ("s3control", "PutAccessPointScope"): ("s3express:PutAccessPointScope",),
    ("s3", "RenameObject"): ("s3express:CreateSession",),
    ("s3", "WriteGetObjectResponse"): ("s3-object-lambda:WriteGetObjectResponse",),
    ("s3", "DeleteBucketAnalyticsConfiguration"): ("s3:PutAnalyticsConfiguration",),
    ("s3", "DeleteBucketInventoryConfiguration"): ("s3:PutInventoryConfiguration",),
    ("s3", "DeleteBucketMetricsConfiguration"): ("s3:PutMetricsConfiguration",),
    ("s3", "DeleteBucketLifecycle"): ("s3:PutLifecycleConfiguration",),
    ("s3", "DeleteBucketOwnershipControls"): ("s3:PutBucketOwnershipControls",),
    ("s3", "DeleteBucketReplication"): ("s3:PutReplicationConfiguration",),
    ("s3", "DeleteBucketTagging"): ("s3:PutBucketTagging",),
    ("s3", "DeleteObjects"): ("s3:DeleteObject",),
    ("s3", "DeletePublicAccessBlock"): ("s3:PutBucketPublicAccessBlock",),
    ("s3", "GetBucketAccelerateConfiguration"): ("s3:GetAccelerateConfiguration",),
    ("s3", "GetBucketCors"): ("s3:GetBucketCORS",),
    ("s3", "GetBucketEncryption"): ("s3:GetEncryptionConfiguration",),
    ("s3", "GetBucketIntelligentTieringConfiguration"): ("s3:GetIntelligentTieringConfiguration",),
    ("s3", "GetBucketAnalyticsConfiguration"): ("s3:GetAnalyticsConfiguration",),
    ("s3", "GetBucketInventoryConfiguration"): ("s3:GetInventoryConfiguration",),
    ("s3", "GetBucketMetricsConfiguration"): ("s3:GetMetricsConfiguration",),
    ("s3", "GetBucketLifecycleConfiguration"): ("s3:GetLifecycleConfiguration",),
    ("s3", "GetBucketNotificationConfiguration"): ("s3:GetBucketNotification",),
    ("s3", "GetBucketReplication"): ("s3:GetReplicationConfiguration",),
    ("s3", "GetObjectAttributes"): ("s3:GetObjectAttributes", "s3:GetObject"),
    ("s3", "GetObjectLockConfiguration"): ("s3:GetBucketObjectLockConfiguration",),
    ("s3", "GetPublicAccessBlock"): ("s3:GetBucketPublicAccessBlock",),
    ("s3", "HeadBucket"): ("s3:ListBucket",),
    ("s3", "HeadObject"): ("s3:GetObject",),
    ("s3", "ListBucketIntelligentTieringConfigurations"): ("s3:GetIntelligentTieringConfiguration",),
    ("s3", "ListBucketAnalyticsConfigurations"): ("s3:GetAnalyticsConfiguration",),
    ("s3", "ListBucketInventoryConfigurations"): ("s3:GetInventoryConfiguration",),
    ("s3", "ListBucketMetricsConfigurations"): ("s3:GetMetricsConfiguration",),
    ("s3", "ListBuckets"): ("s3:ListAllMyBuckets",),
    ("s3", "ListMultipartUploads"): ("s3:ListBucketMultipartUploads",),
    ("s3", "ListObjectVersions"): ("s3:ListBucketVersions",),
    ("s3", "ListObjects"): ("s3:ListBucket",),
    ("s3", "ListObjectsV2"): ("s3:ListBucket",),
    ("s3", "ListParts"): ("s3:ListMultipartUploadParts",),
    ("s3", "PutBucketAccelerateConfiguration"): ("s3:PutAccelerateConfiguration",),
    ("s3", "PutBucketCors"): ("s3:PutBucketCORS",),
    ("s3", "PutBucketEncryption"): ("s3:PutEncryptionConfiguration",),
    ("s3", "PutBucketIntelligentTieringConfiguration"): ("s3:PutIntelligentTieringConfiguration",),
    ("s3", "PutBucketAnalyticsConfiguration"): ("s3:PutAnalyticsConfiguration",),
    ("s3", "PutBucketInventoryConfiguration"): ("s3:PutInventoryConfiguration",),
    ("s3", "PutBucketMetricsConfiguration"): ("s3:PutMetricsConfiguration",),
    ("s3", "PutBucketLifecycleConfiguration"): ("s3:PutLifecycleConfiguration",),
    ("s3", "PutBucketNotificationConfiguration"): ("s3:PutBucketNotification",),
    ("s3", "PutBucketReplication"): ("s3:PutReplicationConfiguration",),
    ("s3", "PutObjectLockConfiguration"): ("s3:PutBucketObjectLockConfiguration",),
    ("s3", "PutPublicAccessBlock"): ("s3:PutBucketPublicAccessBlock",),
    ("s3", "SelectObjectContent"): ("s3:GetObject",),
    ("s3", "UploadPart"): ("s3:PutObject",),
    ("s3", "UploadPartCopy"): ("s3:PutObject", "s3:GetObject"),
    ("s3control", "DeletePublicAccessBlock"): ("s3:PutAccountPublicAccessBlock",),
    ("s3control", "GetPublicAccessBlock"): ("s3:GetAccountPublicAccessBlock",),
    ("s3control", "PutPublicAccessBlock"): ("s3:PutAccountPublicAccessBlock",),
    ("sns", "PublishBatch"): ("sns:Publish",),
    ("sqs", "ChangeMessageVisibilityBatch"): ("sqs:ChangeMessageVisibility",),
    ("sqs", "DeleteMessageBatch"): ("sqs:DeleteMessage",),
    ("sqs", "SendMessageBatch"): ("sqs:SendMessage",),
}

# Operations that AWS asks nobody's permission for, and why.
FREE = {
    ("sts", "GetCallerIdentity"): "no permission is needed, and even an explicit denial has no effect",
    ("sts", "GetSessionToken"): "users may always ask for sessions of their own",
    ("sts", "AssumeRoleWithSAML"): "not signed: the assertion and the role's trust policy decide",
    ("sts", "AssumeRoleWithWebIdentity"): "not signed: the provider's token and the role's trust policy decide",
    ("sso", "GetRoleCredentials"): "not signed: the portal's bearer token decides",
    ("sso", "ListAccountRoles"): "not signed: the portal's bearer token decides",
    ("sso", "ListAccounts"): "not signed: the portal's bearer token decides",
    ("sso", "Logout"): "not signed: the portal's bearer token decides",
    ("sso-oidc", "CreateToken"): "not signed: the client's secret and the device's code decide",
    ("sso-oidc", "RegisterClient"): "not signed: anybody may register a client",
    ("sso-oidc", "StartDeviceAuthorization"): "not signed: the client's secret decides",
}

# Operations that another policy must allow as well, so that the documented action alone does not let them pass.
BOTH_SIDES = {
    ("sts", "AssumeRole"): "the role's trust policy must allow it, and a role that does not exist has none",
    ("sts", "AssumeRoot"): "only the management account and the delegated administrator may",
}

# The list of actions is behind the API; the operation's name is the action.
UNLISTED = {("dynamodb", "StartBulkPutItems"), ("dynamodb", "DescribeBulkOperation"), ("dynamodb", "ListBulkOperations"),
            ("dynamodb", "CancelBulkOperation"), ("dynamodb", "SearchVectors"),
            ("logs", "GetLogObject"), ("lambda", "DeleteDurableExecution"), ("lambda", "PauseDurableExecution"),
            ("lambda", "ResumeDurableExecution"),
            ("secretsmanager", "AssociateCrossAccountReplica"),
            ("secretsmanager", "DisassociateCrossAccountReplica"), ("secretsmanager", "ListResourcePolicies"),
            ("s3vectors", "UpdateMetadataConfiguration")}


def actions_of(api: str, operation: str) -> tuple[str, ...]:
    """All that a call of this operation must be allowed."""
    if api in BY_METHOD:
        return (f"apigateway:{model(api).operations[operation].raw['http']['method']}",)
    return OTHERS.get((api, operation)) or (f"{PREFIXES.get(api, api)}:{operation}",)
