"""What happens unasked: parameters expire, and somebody is told that they will, or that nobody changed them."""

from __future__ import annotations

import json

from cumulet.kernel import Call, timer

from . import policies, store
from .resources import Parameter

_EVENT = "Parameter Store Policy Action"


def schedule(call: Call, row: Parameter) -> None:
    """One timer a parameter: for the next of its policies that has not acted yet."""
    left = [one for one in policies.due(row.Policies, row.modified) if one.text not in row.told]
    if left:
        call.at(max(left[0].at, call.now), act, name=row.Name, parameter=row.Name)
    else:
        call.cancel(act, row.Name)


@timer
def act(call: Call, parameter: str) -> None:
    """Do what the policies of a parameter say by now."""
    row = call.table(Parameter).get(parameter)
    if row is None:
        return
    for one in policies.due(row.Policies, row.modified):
        if one.at > call.now or one.text in row.told:
            continue
        _tell(call, row, one)
        if one.kind == "Expiration":
            store.remove(call, row)
            return
        row.told.append(one.text)
    call.put(row)
    schedule(call, row)


def _tell(call: Call, row: Parameter, one: policies.Due) -> None:
    reason = {"Expiration": "The parameter has expired.", "ExpirationNotification": "The parameter will expire soon.",
              "NoChangeNotification": "The parameter was not changed in time."}[one.kind]
    call.emit(_EVENT, {"parameter-name": row.Name, "parameter-type": row.Type, "policy-type": one.kind,
                       "policy-content": json.loads(one.text), "action-status": "Success", "action-reason": reason},
              [call.arn(row)])
