"""SQS in the query protocol. The model no longer says how its lists and maps are named there; clients still do.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
"""

from __future__ import annotations

from typing import Any

from .model import Model

_ITEMS = {
    "AWSAccountIdList": "AWSAccountId", "ActionNameList": "ActionName", "AttributeNameList": "AttributeName",
    "BatchResultErrorEntryList": "BatchResultErrorEntry", "BinaryList": "BinaryListValue",
    "ChangeMessageVisibilityBatchRequestEntryList": "ChangeMessageVisibilityBatchRequestEntry",
    "ChangeMessageVisibilityBatchResultEntryList": "ChangeMessageVisibilityBatchResultEntry",
    "DeleteMessageBatchRequestEntryList": "DeleteMessageBatchRequestEntry",
    "DeleteMessageBatchResultEntryList": "DeleteMessageBatchResultEntry",
    "ListMessageMoveTasksResultEntryList": "ListMessageMoveTasksResultEntry", "MessageAttributeNameList":
    "MessageAttributeName", "MessageList": "Message", "MessageSystemAttributeList": "MessageSystemAttributeName",
    "QueueUrlList": "QueueUrl", "SendMessageBatchRequestEntryList": "SendMessageBatchRequestEntry",
    "SendMessageBatchResultEntryList": "SendMessageBatchResultEntry", "StringList": "StringListValue", "TagKeyList": "TagKey",
}
# Maps: the name of an entry, of its key, of its value.
_ENTRIES = {
    "MessageBodyAttributeMap": ("MessageAttribute", "Name", "Value"), "MessageBodySystemAttributeMap":
    ("MessageSystemAttribute", "Name", "Value"), "MessageSystemAttributeMap": ("Attribute", "Name", "Value"),
    "QueueAttributeMap": ("Attribute", "Name", "Value"), "TagMap": ("Tag", "Key", "Value"),
}
NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/"


def as_query(model: Model) -> Model:
    """The model with the names of the query protocol."""
    shapes: dict[str, Any] = {}
    for name, shape in model.shapes.items():
        if name in _ITEMS:
            shape = {**shape, "member": {**shape["member"], "locationName": _ITEMS[name]}, "flattened": True}
        elif name in _ENTRIES:
            _, key, value = _ENTRIES[name]
            shape = {**shape, "flattened": True, "key": {**shape["key"], "locationName": key},
                     "value": {**shape["value"], "locationName": value}}
        elif "members" in shape:
            shape = {**shape, "members": {member: _renamed(ref) for member, ref in shape["members"].items()}}
        shapes[name] = shape
    operations: dict[str, Any] = {}
    for name, operation in model.operations.items():
        output = operation.raw.get("output")
        operations[name] = operation.raw if output is None else {
            **operation.raw, "output": {**output, "resultWrapper": f"{name}Result"}}
    return Model(model.service, {"metadata": {**model.metadata, "xmlNamespace": NAMESPACE}, "operations": operations,
                                 "shapes": shapes})


def _renamed(ref: dict[str, Any]) -> dict[str, Any]:
    entry = _ENTRIES.get(ref["shape"])
    return {**ref, "locationName": entry[0]} if entry else ref
