"""What a job may do: no more than its role, where IAM is enforced.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
"""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, principals


def as_root(call: Call) -> Call:
    """The account's own root, which its role acts for."""
    root = principals.principal_of(call, f"arn:aws:iam::{call.account}:root")
    here = call.elsewhere()
    if root is not None:
        here.principal = root
    return here


def check_role(call: Call, role: str, action: str, arn: str) -> None:
    """Where IAM is enforced, the job can do no more than its role."""
    if not principals.is_enforced(call, call.account):
        return
    principal = principals.principal_of(call, role)
    if principal is None or principals.simulate(call, principal, None, None, action, arn,
                                                owner=call.account).decision != "allowed":
        raise AwsError("AccessDenied", "Access Denied", 403)
