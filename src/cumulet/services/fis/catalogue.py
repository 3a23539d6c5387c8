"""The actions that there are, and what they want.

https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
"""

from __future__ import annotations

from typing import Any, NamedTuple

ROLE = "aws:iam:role"
ROLES = "Roles"                        # what an action calls its targets
_DURATION = ("duration", "The duration, from one minute to 12 hours, in ISO 8601 format.")
_CALLS = (_DURATION, ("service", "The target AWS API namespace."),
          ("percentage", "The percentage (1-100) of calls to inject the fault into."),
          ("operations", "The operations to inject the fault into, separated using commas."))


class Action(NamedTuple):
    """One action. error: how faults call what it injects, "" for waiting."""

    id: str
    description: str
    parameters: tuple[tuple[str, str], ...]
    error: str = ""

    def told(self, region: str, account: str) -> dict[str, Any]:
        """As the API tells it in a list."""
        return {"id": self.id, "arn": f"arn:aws:fis:{region}:{account}:action/{self.id}", "description": self.description,
                "targets": {ROLES: {"resourceType": ROLE}} if self.error else {}, "tags": {}}

    def whole(self, region: str, account: str) -> dict[str, Any]:
        """With its parameters, all of which are required."""
        return {**self.told(region, account), "parameters": {name: {"description": text, "required": True}
                                                    for name, text in self.parameters}}


ACTIONS = {action.id: action for action in (
    Action("aws:fis:inject-api-internal-error", "Inject internal errors into the calls of IAM roles.", _CALLS, "internal"),
    Action("aws:fis:inject-api-throttle-error", "Inject throttling errors into the calls of IAM roles.", _CALLS, "throttle"),
    Action("aws:fis:inject-api-unavailable-error", "Inject unavailable errors into the calls of IAM roles.", _CALLS,
           "unavailable"),
    Action("aws:fis:wait", "Wait for the specified duration.", (_DURATION,)),
)}
ROLE_TYPE = {"resourceType": ROLE, "description": "IAM role"}
