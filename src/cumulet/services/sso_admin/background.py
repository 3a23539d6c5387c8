"""What happens unasked: requests are carried out, and an account that is reset loses its instance."""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, forget, task

from . import provisioning, standing
from .resources import Instance, Provisioned, Request

_STATUS = {"NoSuchEntityException": 404, "EntityAlreadyExistsException": 409, "LimitExceededException": 409}


@task()
def carry_out(call: Call, request: str) -> None:
    """All of it, or none of it and the reason why."""
    asked = call.table(Request).get(request)
    instance = call.table(Instance).get(asked.instance) if asked else None
    if asked is None or instance is None or asked.status != "IN_PROGRESS":
        return
    place = standing.Place(instance, call)
    try:
        with call.tx.savepoint():
            if asked.kind == "assign":
                provisioning.assign(place, asked)
            elif asked.kind == "unassign":
                provisioning.unassign(place, asked)
            else:
                targets = [asked.target] if asked.target else [one.target for one in call.table(Provisioned).scan(asked.set)]
                for target in targets:
                    provisioning.provision(place, place.set(asked.set), target)
        asked.status = "SUCCEEDED"
    except AwsError as problem:
        asked.status, asked.reason = "FAILED", f"Received a {_STATUS.get(problem.code, 400)} status error: {problem.message}"
    call.put(asked)


@forget
def instance_goes(call: Call) -> None:
    """The instance is a row of the partition: of a reset region it goes only when it lies there."""
    row = call.table(Instance).find("account", call.account)
    if row is not None and call.region in ("", row.region):
        call.table(Instance).delete(row.arn)
