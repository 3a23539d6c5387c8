"""Why something was refused, for those who may know."""

from __future__ import annotations

from cumulet.kernel import Call, error, operation, principals


@operation
def decode_authorization_message(call: Call, EncodedMessage: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html"""
    told = principals.decode_failure(call, EncodedMessage)
    if told is None:
        raise error.InvalidAuthorizationMessageException("Message is not valid")
    return {"DecodedMessage": told}
