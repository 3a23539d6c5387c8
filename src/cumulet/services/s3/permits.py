"""Whether a role that a bucket's configuration names (for replication, or to read annotations) may do what is asked of it: its
own policies and those of the buckets say.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
"""

from __future__ import annotations

from cumulet.kernel import Call, principals

from .resources import Bucket, Older, Version


def may(call: Call, role: str, source: Bucket, there: Bucket, row: Version, tags_only: bool, translated: bool) -> bool:
    """May the role read this version here and write it there? Where neither account enforces, nobody asks."""
    if not principals.is_enforced(call, source.account) and not principals.is_enforced(call, there.account):
        return True
    principal = principals.principal_of(call, role)
    if principal is None:
        return False
    marker = isinstance(row, Older) and row.marker
    key = row.key.decode()
    wanted = [("s3:ReplicateTags" if tags_only else "s3:ReplicateDelete" if marker else "s3:ReplicateObject", there)]
    if not marker:
        wanted.append(("s3:GetObjectVersionForReplication", source))
    if translated:
        wanted.append(("s3:ObjectOwnerOverrideToBucketOwner", there))
    return all(principals.simulate(call, principal, None, None, action, f"{call.arn(bucket)}/{key}", bucket.policy,
                                   owner=bucket.account).decision == "allowed" for action, bucket in wanted)


def may_read_annotations(call: Call, role: str, bucket: Bucket) -> bool:
    """May the role read what a table of annotations tells?"""
    if not principals.is_enforced(call, bucket.account):
        return True
    principal = principals.principal_of(call, role)
    return principal is not None and principals.simulate(
        call, principal, None, None, "s3:GetObjectAnnotation", f"{call.arn(bucket)}/*", bucket.policy,
        owner=bucket.account).decision == "allowed"
