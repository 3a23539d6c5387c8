"""Replication: which versions go to which buckets, and how they come to be there.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from cumulet.kernel import Call, not_implemented, parse_arn, task, timer

from . import bodies, contents, lifecycle, permits, versions
from .faults import invalid_argument, invalid_request, malformed_xml
from .metadata import journal
from .resources import Bucket, Current, Extra, Older, Version, seal_of

PENDING, COMPLETED, FAILED, REPLICA = "PENDING", "COMPLETED", "FAILED", "REPLICA"
_MOST_RULES = 1000
_AGAIN = 60.0                                    # seconds until replication that is halted is tried again
_FIELDS = tuple(field.name for field in msgspec.structs.fields(Version))
_LATER = ("must be specified for this version of Cross Region Replication configuration schema. Please refer to S3 Developer "
          "Guide for more information.")
# What a rule may say on AWS, and has no effect here yet.
_ABSENT = (("Destination", "Metrics"), ("Destination", "ReplicationTime"), ("Destination", "EncryptionConfiguration"),
           ("SourceSelectionCriteria", "SseKmsEncryptedObjects"))
Rule = Mapping[str, Any]


class Way(NamedTuple):
    """Where replicas go. target: the ARN of a bucket.  translated: do they become its owner's?"""

    target: str
    storage: str | None
    role: str
    translated: bool


# --- what a configuration may be ----------------------------------------------------------------------------------------


def checked(call: Call, bucket: Bucket, configuration: Mapping[str, Any], name: Any) -> dict[str, Any]:
    """A ReplicationConfiguration with an id for each rule, or an error. name(): a new id."""
    if bucket.versioning != "Enabled":
        raise invalid_request("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
    role, rules = parse_arn(configuration.get("Role") or ""), configuration.get("Rules") or ()
    if role is None or role.service != "iam" or not role.resource.startswith("role/"):
        raise invalid_argument("Invalid Amazon Resource Name", "Role", configuration.get("Role"))
    if not 1 <= len(rules) <= _MOST_RULES:
        raise malformed_xml()
    for rule in rules:
        _check(call, bucket, rule)
    found = [dict(rule) | {"ID": rule.get("ID") or name()} for rule in rules]
    if len({rule["ID"] for rule in found}) < len(found):
        raise invalid_argument("Rule Id must be unique. Found same Id for more than one rule", "ID")
    priorities = [(rule["Destination"]["Bucket"], rule["Priority"]) for rule in found if rule.get("Priority") is not None]
    if len(set(priorities)) < len(priorities):
        raise invalid_request("Found duplicate priorities in the rules of one destination.")
    return {"Role": configuration["Role"], "Rules": found}


def _check(call: Call, bucket: Bucket, rule: Rule) -> None:
    if rule.get("Status") not in ("Enabled", "Disabled") or not (rule.get("Destination") or {}).get("Bucket"):
        raise malformed_xml()
    if ("Filter" in rule) == ("Prefix" in rule):
        raise malformed_xml()
    if "Filter" in rule:
        for needed in ("Priority", "DeleteMarkerReplication"):
            if rule.get(needed) is None:
                raise invalid_request(f"{needed} {_LATER}")
    for outer, inner in _ABSENT:
        if (rule.get(outer) or {}).get(inner) is not None:
            raise not_implemented(f"s3: replication with {inner}")
    if (rule.get("ExistingObjectReplication") or {}).get("Status") == "Enabled":
        raise not_implemented("s3: replication of existing objects")
    target = _target(call, rule)
    if target is None:
        raise invalid_request("Destination bucket must exist.")
    _check_owner(rule, bucket, target)
    if target.versioning != "Enabled":
        raise invalid_request("Destination bucket must have versioning enabled.")
    if target.number == bucket.number:
        raise invalid_request("Destination bucket cannot be the same as the source bucket.")


def _check_owner(rule: Rule, bucket: Bucket, target: Bucket) -> None:
    """Who the destination belongs to, and whose the replicas are to be."""
    account, translation = rule["Destination"].get("Account"), rule["Destination"].get("AccessControlTranslation")
    if account is not None and account != target.account:
        raise invalid_request("Account must be the owner of the destination bucket.")
    if translation is None:
        return
    if translation.get("Owner") != "Destination":
        raise malformed_xml()
    if account is None or target.account == bucket.account:
        raise invalid_argument("Account must be specified, and be another one, where AccessControlTranslation is.",
                               "AccessControlTranslation")


def _target(call: Call, rule: Rule) -> Bucket | None:
    arn = parse_arn(rule["Destination"]["Bucket"])
    return call.table(Bucket).get(arn.resource) if arn is not None and arn.service == "s3" else None


def rules_for(rules: Sequence[Rule], row: Version, marker: bool) -> Iterator[Rule]:
    """For each destination the rule that counts: the one of the highest priority."""
    best: dict[str, Rule] = {}
    thing = lifecycle.Thing(row.key.decode(), row.size, row.tags or {})
    for rule in rules:
        if marker and ((rule.get("DeleteMarkerReplication") or {}).get("Status") == "Disabled" or lifecycle.tags_of(rule)):
            continue
        if lifecycle.is_about(rule, thing):
            known = best.get(rule["Destination"]["Bucket"])
            if known is None or (rule.get("Priority") or 0) > (known.get("Priority") or 0):
                best[rule["Destination"]["Bucket"]] = rule
    yield from best.values()


# --- doing it -----------------------------------------------------------------------------------------------------------


def begin(call: Call, bucket: Bucket, row: Version) -> None:
    """A version was made, or its tags were changed: its replicas are to follow."""
    if bucket.replication is None or seal_of(row) is not None:
        return
    marker = isinstance(row, Older) and row.marker
    rules, replica = bucket.replication["Rules"], status_of(row) == REPLICA
    wanted = list(rules_for([rule for rule in rules if _syncs_replicas(rule)] if replica else rules, row, marker))
    if not wanted:
        return
    if not replica:
        _note(call, row, PENDING)
    for rule in wanted:
        call.task(replicate, bucket=bucket.BucketName, key=row.key, version=versions.public(row),
                  **_way(bucket.replication, rule)._asdict())


def _way(said: Mapping[str, Any], rule: Rule) -> Way:
    """Where a rule of a configuration brings replicas."""
    there = rule["Destination"]
    return Way(there["Bucket"], there.get("StorageClass"), said["Role"], there.get("AccessControlTranslation") is not None)


def again_now(call: Call, bucket: Bucket, row: Version) -> str:
    """All replicas of a version that was there before, as a job of Batch Operations wants them: COMPLETED, FAILED, PENDING, or
    "" where no rule is about it."""
    if bucket.replication is None or seal_of(row) is not None:
        return ""
    marker = isinstance(row, Older) and row.marker
    ways = [_way(bucket.replication, rule) for rule in rules_for(bucket.replication["Rules"], row, marker)]
    if ways and status_of(row) != REPLICA:
        _note(call, row, PENDING)                                   # an earlier failure is not told any more
    outcomes = {bring(call, bucket, row, way, whole=True) for way in ways}
    return next((one for one in (FAILED, PENDING, COMPLETED) if one in outcomes), "")


def _syncs_replicas(rule: Rule) -> bool:
    """Do changes of replicas go back?"""
    said = (rule.get("SourceSelectionCriteria") or {}).get("ReplicaModifications") or {}
    return bool(said.get("Status") == "Enabled")


def status_of(row: Version) -> str | None:
    """x-amz-replication-status."""
    return (row.extra.replication or None) if row.extra is not None else None


def _note(call: Call, row: Version, status: str) -> None:
    extra = row.extra or Extra()
    extra.replication = status
    row.extra = extra
    versions.change(call, row, extra=extra)


@timer
def again(call: Call, bucket: str, key: bytes, version: str, target: str, storage: str | None, role: str,
          translated: bool) -> None:
    """Another attempt at what was halted."""
    call.task(replicate, bucket=bucket, key=key, version=version, target=target, storage=storage, role=role,
              translated=translated)


@task(retries=5)
def replicate(call: Call, bucket: str, key: bytes, version: str, target: str, storage: str | None, role: str = "",
              translated: bool = False) -> None:
    """One version to one destination; nothing happens where it is gone meanwhile."""
    source = call.table(Bucket).get(bucket)
    row = versions.exact(call, source, key, version) if source is not None else None
    if source is None or row is None:
        return
    outcome = bring(call, source, row, Way(target, storage, role, translated), whole=False)
    if outcome == PENDING:
        call.at(call.now + _AGAIN, again, bucket=bucket, key=key, version=version, target=target, storage=storage, role=role,
                translated=translated)


def bring(call: Call, source: Bucket, row: Version, way: Way, whole: bool) -> str:
    """Make a replica of a version, or bring it up to date: COMPLETED, FAILED, or PENDING while replication is halted.

    whole: replicas are replicated as well, and not only their changes.
    """
    arn = parse_arn(way.target)
    there = call.table(Bucket).get(arn.resource) if arn is not None else None
    replica = status_of(row) == REPLICA
    if there is not None and call.cloud.faults.halted(
            call, (source.region, there.region), (call.arn(source), call.arn(there))):
        return PENDING
    known = versions.exact(call, there, row.key, versions.public(row)) if there is not None else None
    if there is None or there.versioning != "Enabled" or not permits.may(call, way.role, source, there, row,
                                                                         known is not None, way.translated):
        if not replica:
            _note(call, row, FAILED)
        return FAILED
    if known is not None:
        versions.change(call, known, tags=row.tags)
        if there.metadata is not None:
            journal.updated(call, there, known)
    elif whole or not replica:
        _make(call, source, there, row, way.storage, way.translated)
    if status_of(row) not in (FAILED, REPLICA):                     # where there are several destinations, one failure is told
        _note(call, row, COMPLETED)
    return COMPLETED


def _make(call: Call, source: Bucket, there: Bucket, row: Version, storage: str | None, translated: bool) -> None:
    """The replica: the same version id, bytes that both share; whose the source is, unless that is translated."""
    marker = isinstance(row, Older) and row.marker
    extra = Extra(owner=row.extra.owner, grants=row.extra.grants) if row.extra is not None and not translated else Extra()
    if there.account != source.account and not translated:
        extra.owner = extra.owner or source.account
    extra.replication = REPLICA
    made = {name: getattr(row, name) for name in _FIELDS} | {"bucket": there.number, "extra": extra}
    if storage is not None and not marker:
        made["facts"] = (row.facts or {}) | {"StorageClass": storage}
    if row.blob:
        bodies.share(call, row.blob)
    if row.layout:
        bodies.share_layout(call, row.layout)
    replica = Older(**made, marker=True) if marker else Current(**made)
    if not marker:
        replica.listing = contents.fragment(replica)
    versions.adopt(call, there, replica)
    if there.metadata is not None:
        journal.created(call, there, replica)
