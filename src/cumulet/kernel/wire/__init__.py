"""AWS's protocols: which operation is asked for, its members, and answers in its own words.

    route(request)                        → Route: operation and labels of the URI; or BodyNeeded, for a form still to come
    route.op.parse(request, labels, body) → members, checked against the model
    route.op.serialise(result, …)         → Response
    route.op.error(problem, …)            → Response
    failure(request, problem, …)          → Response, for errors before an operation is known
    model(service), op(service, name)     → what the model says

Everything is compiled from botocore's data files on first use (docs/wire.md).
"""

from .errors import failure
from .model import Model, OperationModel, model
from .operations import op
from .route import BodyNeeded, route

__all__ = ["BodyNeeded", "Model", "OperationModel", "failure", "model", "op", "route"]
