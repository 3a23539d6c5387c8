"""The role of a schedule: may EventBridge Scheduler be it?

https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
"""

from __future__ import annotations

from cumulet.kernel import Call, Principal, parse_arn, principals

REFUSED = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
_NAME = "scheduler.amazonaws.com"


def lets_in(call: Call, arn: str, group: str) -> bool:
    """Does the role trust this service, for schedules of this group (its ARN)? Where policies are not enforced, a role need not
    exist."""
    said = parse_arn(arn)
    assert said is not None
    there = call.elsewhere(said.account)
    role = there.table(principals.Role).known(said.resource.rpartition("/")[2])
    if role is None:
        return principals.mode_of(there) != "enforce"
    who = Principal("service", call.account, _NAME, _NAME, _NAME)
    told = principals.simulate(there, who, [], [], "sts:AssumeRole", there.arn(role), role.AssumeRolePolicyDocument,
                               {"aws:SourceArn": [group], "aws:SourceAccount": [call.account]}, there.account)
    return told.decision == "allowed"
