"""AWS managed keys: `alias/aws/<service>`, made the first time that somebody asks for one."""

from __future__ import annotations

import json

from cumulet.kernel import Call

from . import materials
from .resources import Alias, Key
from .rotation import YEAR, schedule

PREFIX = "alias/aws/"
# Which services have one, and what it is said to protect.
PROTECTED = {
    "acm": "ACM private keys", "backup": "Backup data", "cloud9": "Cloud9 data", "codeartifact": "CodeArtifact data",
    "codebuild": "CodeBuild artifacts", "codecommit": "CodeCommit repositories", "connect": "Connect data",
    "dms": "DMS data", "dynamodb": "DynamoDB data", "ebs": "EBS volumes", "ecr": "ECR images",
    "elasticache": "ElastiCache data", "elasticfilesystem": "EFS data", "es": "Elasticsearch data", "fsx": "FSx data",
    "glue": "Glue data", "kafka": "MSK data", "kinesis": "Kinesis data", "kinesisvideo": "Kinesis Video Streams data",
    "lambda": "Lambda functions", "lightsail": "Lightsail data", "logs": "CloudWatch Logs data", "mq": "MQ data",
    "neptune": "Neptune data", "rds": "RDS database volumes", "redshift": "Redshift data", "s3": "S3 objects",
    "secretsmanager": "Secrets Manager data", "sns": "SNS data", "sqs": "SQS messages", "ssm": "SSM parameters",
    "xray": "X-Ray data",
}


RESERVED = tuple(sorted(PREFIX + service for service in PROTECTED))


def _service(name: str) -> str:
    service = name.removeprefix(PREFIX)
    return service if name.startswith(PREFIX) and service in PROTECTED else ""


def policy_of(call: Call, name: str) -> str:
    """The policy that the key of a reserved alias has, or will have; "" when no service has that alias."""
    service = _service(name)
    return _policy(call, service) if service else ""


def first_use(call: Call, name: str) -> Alias | None:
    """Make the AWS managed key of a reserved alias, unless no service has that one."""
    service = _service(name)
    if not service:
        return None
    key = Key(KeyId=call.uuid(), Description=f"Default key that protects my {PROTECTED[service]} when no other key is defined",
              KeyPolicy=_policy(call, service), manager="AWS", created=call.now, EnableKeyRotation=True,
              RotationPeriodInDays=YEAR)
    key.current = materials.add(call, key, materials.fresh(call, key.KeySpec)).id
    schedule(call, key, call.now)
    call.put(key)
    return call.put(Alias(AliasName=name, TargetKeyId=key.KeyId, created=call.now, updated=call.now))


def _policy(call: Call, service: str) -> str:
    """Whoever may use the service may use its key through it; everybody in the account may look at it."""
    return json.dumps({"Version": "2012-10-17", "Id": f"auto-{service}-1", "Statement": [
        {"Sid": f"Allow access through {service} for all principals in the account that are authorized to use {service}",
         "Effect": "Allow", "Principal": {"AWS": "*"},
         "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant",
                    "kms:DescribeKey"],
         "Resource": "*",
         "Condition": {"StringEquals": {"kms:CallerAccount": call.account,
                                        "kms:ViaService": f"{service}.{call.region}.amazonaws.com"}}},
        {"Sid": "Allow direct access to key metadata to the account", "Effect": "Allow",
         "Principal": {"AWS": f"arn:aws:iam::{call.account}:root"},
         "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"], "Resource": "*"}]}, indent=2)
