"""What the role of a replication may do."""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, principals

from .resources import Table, TableBucket


def check(call: Call, role: str, row: Table, there: Call, bucket: TableBucket) -> None:
    """May the role read this table, and write copies of it there? Where neither account enforces, nobody asks.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-replication-setting-up.html
    """
    if not principals.is_enforced(call, call.account) and not principals.is_enforced(call, there.account):
        return
    principal = principals.principal_of(call, role)
    source = call.table(TableBucket).known(row.bucket)
    into = there.arn(bucket)
    wanted = [("s3tables:GetTableData", call.arn(row), source.policy if source is not None else "", call.account),
              ("s3tables:CreateTable", into, bucket.policy, there.account),
              ("s3tables:PutTableData", f"{into}/table/*", bucket.policy, there.account)]
    for action, arn, policy, owner in wanted:
        if principal is None or principals.simulate(call, principal, None, None, action, arn, policy,
                                                    owner=owner).decision != "allowed":
            raise AwsError("AccessDenied", f"The replication role is not authorized to perform {action} on {arn}.", 403)
