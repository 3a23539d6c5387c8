"""How AWS words a refusal: the sentence, and the error's name in each kind of service.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from functools import cache

from ..wire.model import model
from .contract import Principal
from .engine import Outcome

# How the sentence names each kind of policy: (after "because no", after "with an explicit deny in").
KINDS = {
    "scp": ("service control policy", "a service control policy"),
    "rcp": ("resource control policy", "a resource control policy"),
    "vpce": ("VPC endpoint policy", "a VPC endpoint policy"),
    "identity": ("identity-based policy", "an identity-based policy"),
    "resource": ("resource-based policy", "a resource-based policy"),
    "boundary": ("permissions boundary", "a permissions boundary"),
    "session": ("session policy", "a session policy"),
}
# Services of the query and XML protocols; the others say AccessDeniedException.
_XML = frozenset({
    "autoscaling", "cloudformation", "cloudfront", "cloudsearch", "cloudwatch", "docdb", "elasticache", "elasticbeanstalk",
    "elb", "elbv2", "iam", "neptune", "rds", "redshift", "route53", "s3", "s3control", "sdb", "ses", "sqs", "sts"})


def code_of(service: str) -> str:
    """The name of the error."""
    if service == "ec2":
        return "UnauthorizedOperation"
    if service == "sns":
        return "AuthorizationError"
    return "AccessDenied" if service in _XML else "AccessDeniedException"


@cache
def status_of(service: str) -> int:
    """The HTTP status of a refusal; 0 where the model says it (services of the JSON protocol: 400 unless told otherwise)."""
    if code_of(service) != "AccessDeniedException":
        return 403
    return 0 if any(protocol.startswith("json") for protocol in model(service).protocols) else 403


def message_of(service: str, principal: Principal, action: str, resource: str, owner: str, outcome: Outcome) -> str:
    """The sentence. S3 tells other accounts and nobody nothing; STS does not say which policy it was."""
    foreign = principal.kind == "anonymous" or owner not in ("", principal.account)
    if service == "s3" and foreign:
        return "Access Denied"
    who = "anonymous is" if principal.kind == "anonymous" else f"{principal.arn} is"
    place = f'"{resource}"' if service == "s3" else resource
    shown = _shown(service, action)
    sentence = f"User: {who} not authorized to perform: {shown} on resource: {place}"
    if action.startswith("sts:AssumeRole"):
        return sentence
    absent, denied = KINDS[outcome.kind]
    why = f"with an explicit deny in {denied}" if outcome.explicit else f"because no {absent} allows the {shown} action"
    sentence = f"{sentence} {why}"
    return "You are not authorized to perform this operation. " + sentence if service == "ec2" else sentence


def _shown(service: str, action: str) -> str:
    """SQS tells its actions in small letters, SNS its prefix in capitals."""
    if service == "sqs":
        return action.lower()
    return action.replace("sns:", "SNS:", 1) if service == "sns" else action
