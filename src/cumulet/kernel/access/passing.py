"""Handing a role to a service needs iam:PassRole on the role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from . import catalogue

if TYPE_CHECKING:
    from ..call import Call

_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/.+").fullmatch
PASS_ROLE = "iam:PassRole"
# Actions that hand a role over although AWS's list does not say so.
PASSES = frozenset({
    "lambda:CreateFunction", "lambda:UpdateFunctionConfiguration", "states:CreateStateMachine", "states:UpdateStateMachine",
    "events:PutTargets", "events:PutRule", "scheduler:CreateSchedule", "scheduler:UpdateSchedule", "pipes:CreatePipe",
    "pipes:UpdatePipe", "logs:PutSubscriptionFilter", "logs:PutDestination", "firehose:CreateDeliveryStream",
    "firehose:UpdateDestination", "s3:CreateBucketMetadataTableConfiguration",
    "s3:UpdateBucketMetadataAnnotationTableConfiguration", "s3:PutReplicationConfiguration",
    "s3tables:PutTableBucketReplication", "s3tables:PutTableReplication",
    "cloudtrail:CreateTrail", "cloudtrail:UpdateTrail",
    "ecs:RegisterTaskDefinition", "ecs:CreateService", "ecs:UpdateService", "ecs:RunTask", "ecs:StartTask",
    "cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:DeleteStack", "cloudformation:CreateChangeSet",
    "ec2:RunInstances", "ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation",
    "cognito-idp:CreateUserPool", "cognito-idp:UpdateUserPool", "cognito-identity:SetIdentityPoolRoles",
    "codebuild:CreateProject", "codebuild:UpdateProject", "codepipeline:CreatePipeline", "codepipeline:UpdatePipeline",
    "glue:CreateJob", "glue:UpdateJob", "glue:CreateCrawler", "sagemaker:CreateModel", "batch:RegisterJobDefinition",
    "batch:CreateComputeEnvironment", "rds:CreateDBProxy", "rds:AddRoleToDBCluster", "rds:AddRoleToDBInstance",
    "iam:AddRoleToInstanceProfile", "ssm:StartAutomationExecution", "ssm:CreateActivation", "ssm:SendCommand",
    "ssm:RegisterTaskWithMaintenanceWindow", "ssm:UpdateMaintenanceWindowTask", "sns:SetTopicAttributes",
    "apigateway:POST", "apigateway:PUT", "apigateway:PATCH", "backup:CreateBackupSelection", "dax:CreateCluster",
    "application-autoscaling:RegisterScalableTarget", "autoscaling:PutLifecycleHook", "redshift:CreateCluster",
    "eks:CreateCluster", "eks:CreateNodegroup", "elasticmapreduce:RunJobFlow", "config:PutConfigurationRecorder",
    "iot:CreateTopicRule", "iot:ReplaceTopicRule", "transfer:CreateServer", "transfer:CreateUser", "appsync:CreateDataSource",
    "kinesisanalytics:CreateApplication", "dms:CreateEndpoint", "imagebuilder:CreateInfrastructureConfiguration"})


def passed(call: Call, action: str, members: Mapping[str, Any]) -> tuple[str, ...]:
    """The roles that this call hands over, once each."""
    listed = catalogue.action(action)
    if action not in PASSES and not (listed is not None and listed.passes):
        return ()
    return tuple(dict.fromkeys(_roles(members.values())))


def keys_of(call: Call, resource: str) -> dict[str, str]:
    """What conditions on iam:PassRole may ask."""
    service = call.cloud.catalog.load(call.service).principal
    return {"iam:passedtoservice": service, "iam:associatedresourcearn": resource}


def _roles(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            if _ROLE(value):
                yield value
        elif isinstance(value, dict):
            yield from _roles(value.values())
        elif isinstance(value, list):
            yield from _roles(value)
