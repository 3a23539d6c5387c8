"""Functions that subscribe: invoked with an event for each message, which Lambda keeps until it was handled.

https://docs.aws.amazon.com/sns/latest/dg/sns-lambda-as-subscriber.html
"""

from __future__ import annotations

from cumulet.kernel import Call

from .envelopes import event


def invoke(call: Call, topic_arn: str, function_arn: str, subscription_arn: str, envelope: str,
           trace: str = "") -> None:
    """Hand the envelope to the function, in its own account and region. trace: of the message."""
    call.trace = trace
    _, _, _, region, account, _ = function_arn.split(":", 5)
    lambda_ = getattr(call.as_service(topic_arn, account, region), "lambda")
    lambda_.invoke(FunctionName=function_arn, InvocationType="Event", Payload=event(subscription_arn, envelope))
