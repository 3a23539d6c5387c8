"""The actions that there are, what they want, and what they strike.

https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Words = Mapping[str, str]


class Sort(NamedTuple):
    """A type of targets. said: in words.  service, word: in ARNs.  type: as CloudFormation calls it."""

    id: str
    said: str
    service: str
    word: str
    type: str

    def told(self) -> dict[str, Any]:
        """As the API tells it."""
        return {"resourceType": self.id, "description": self.said.partition(" ")[2]}


SORTS = {sort.id: sort for sort in (
    Sort("aws:dynamodb:global-table", "a DynamoDB global table", "dynamodb", "table/", "AWS::DynamoDB::Table"),
    Sort("aws:ec2:subnet", "an EC2 subnet", "ec2", "subnet/", "AWS::EC2::Subnet"),
    Sort("aws:ec2:vpc-endpoint", "an EC2 VPC endpoint", "ec2", "vpc-endpoint/", "AWS::EC2::VPCEndpoint"),
    Sort("aws:iam:role", "an IAM role", "iam", "role/", "AWS::IAM::Role"),
    Sort("aws:s3:bucket", "an S3 bucket", "s3", "", "AWS::S3::Bucket"),
)}
_DURATION = ("duration", "The duration, from one minute to 12 hours, in ISO 8601 format.")
_CALLS = (_DURATION, ("service", "The target AWS API namespace."),
          ("percentage", "The percentage (1-100) of calls to inject the fault into."),
          ("operations", "The operations to inject the fault into, separated using commas."))


class Action(NamedTuple):
    """One action. parameters: all of which are required.  targets: what it calls them; "" for none.  sort: their type.
    strikes: how faults call what it does: an error, `cut`, or `halts`."""

    id: str
    description: str
    parameters: tuple[tuple[str, str], ...]
    targets: str = ""
    sort: str = ""
    strikes: str = ""

    def told(self, region: str, account: str) -> dict[str, Any]:
        """As the API tells it in a list."""
        return {"id": self.id, "arn": f"arn:aws:fis:{region}:{account}:action/{self.id}", "description": self.description,
                "targets": {self.targets: {"resourceType": self.sort}} if self.targets else {}, "tags": {}}

    def whole(self, region: str, account: str) -> dict[str, Any]:
        """With its parameters."""
        return {**self.told(region, account), "parameters": {name: {"description": text, "required": True}
                                                    for name, text in self.parameters}}

    def fault(self, given: Words, arn: str, here: str) -> dict[str, Any]:
        """What one target of the region `here` meets while it runs, as fields of a fault."""
        if self.sort == "aws:iam:role":
            return {"service": given["service"], "operations": operations(given), "principal": arn, "region": here,
                    "error": self.strikes, "rate": int(given["percentage"]) / 100}
        if self.strikes == "halts":
            return {"service": SORTS[self.sort].service, "resource": arn, "region": given.get("region", here),
                    "halts": "replication"}
        return {"places": [arn.rpartition("/")[2]], "cut": "before"}


def operations(given: Words) -> list[str]:
    """What a parameter lists with commas."""
    return [part.strip() for part in given["operations"].split(",") if part.strip()]


ACTIONS = {action.id: action for action in (
    Action("aws:dynamodb:global-table-pause-replication", "Pause the replication of global tables to and from this region.",
           (_DURATION,), "Tables", "aws:dynamodb:global-table", "halts"),
    Action("aws:fis:inject-api-internal-error", "Inject internal errors into the calls of IAM roles.", _CALLS, "Roles",
           "aws:iam:role", "internal"),
    Action("aws:fis:inject-api-throttle-error", "Inject throttling errors into the calls of IAM roles.", _CALLS, "Roles",
           "aws:iam:role", "throttle"),
    Action("aws:fis:inject-api-unavailable-error", "Inject unavailable errors into the calls of IAM roles.", _CALLS, "Roles",
           "aws:iam:role", "unavailable"),
    Action("aws:fis:wait", "Wait for the specified duration.", (_DURATION,)),
    Action("aws:network:disrupt-connectivity", "Deny traffic that enters and leaves the target subnets.",
           (_DURATION, ("scope", "The type of traffic to deny.")), "Subnets", "aws:ec2:subnet", "cut"),
    Action("aws:network:disrupt-vpc-endpoint", "Block the traffic of interface VPC endpoints.", (_DURATION,), "VPCEndpoints",
           "aws:ec2:vpc-endpoint", "cut"),
    Action("aws:s3:bucket-pause-replication", "Pause the replication of buckets to a region.",
           (_DURATION, ("region", "The AWS Region where the destination buckets are located.")), "Buckets", "aws:s3:bucket",
           "halts"),
)}
