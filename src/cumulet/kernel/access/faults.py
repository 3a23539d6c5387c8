"""Refusals of identity, in the words of each kind of service: S3, EC2, query, JSON."""

from __future__ import annotations

from typing import Literal

from ..errors import AwsError

Kind = Literal["s3", "ec2", "query", "json", "rest-json"]

MISMATCH = ("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
            " and signing method. Consult the service documentation for details.")
_S3_MISMATCH = ("The request signature we calculated does not match the signature you provided. Check your key and signing"
                " method.")
_EC2 = "AWS was not able to validate the provided access credentials"
_TOKEN = "The security token included in the request is invalid."


def kind_of(service: str, protocol: str) -> Kind:
    """How a service words its refusals."""
    if service in ("s3", "s3control"):
        return "s3"
    if protocol == "ec2":
        return "ec2"
    if protocol in ("query", "rest-xml"):
        return "query"
    return "rest-json" if protocol == "rest-json" else "json"


def _json(kind: Kind) -> int:
    return 403 if kind == "rest-json" else 400


def mismatch(kind: Kind, key: str, signature: str, to_sign: str, canonical: str) -> AwsError:
    """The signature is not ours."""
    if kind == "s3":
        return AwsError("SignatureDoesNotMatch", _S3_MISMATCH, 403, AWSAccessKeyId=key, StringToSign=to_sign,
                        SignatureProvided=signature, StringToSignBytes=to_sign.encode().hex(" "), CanonicalRequest=canonical,
                        CanonicalRequestBytes=canonical.encode("utf-8", "surrogateescape").hex(" "))
    return refused(kind, MISMATCH)


def refused(kind: Kind, message: str) -> AwsError:
    """A signature that cannot count, and why."""
    if kind == "ec2":
        return AwsError("AuthFailure", _EC2, 401)
    if kind in ("s3", "query"):
        return AwsError("SignatureDoesNotMatch", message, 403)
    return AwsError("InvalidSignatureException", message, _json(kind))


def unknown_key(kind: Kind, key: str) -> AwsError:
    """Nobody has this key."""
    if kind == "s3":
        return AwsError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403,
                        AWSAccessKeyId=key)
    if kind == "ec2":
        return AwsError("AuthFailure", _EC2, 401)
    if kind == "query":
        return AwsError("InvalidClientTokenId", _TOKEN, 403)
    return AwsError("UnrecognizedClientException", _TOKEN, _json(kind))


def bad_token(kind: Kind, token: str) -> AwsError:
    """Temporary keys without their token, or with another one."""
    if kind == "s3" and token:
        return AwsError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400, **{"Token-0": token})
    return unknown_key(kind, "")


def expired_token(kind: Kind, token: str) -> AwsError:
    """Temporary keys after their time."""
    if kind == "s3":
        return AwsError("ExpiredToken", "The provided token has expired.", 400, **{"Token-0": token})
    if kind == "ec2":
        return AwsError("RequestExpired", "Request has expired.", 400)
    message = "The security token included in the request is expired"
    if kind == "query":
        return AwsError("ExpiredToken", message, 403)
    return AwsError("ExpiredTokenException", message, _json(kind))


def missing(kind: Kind) -> AwsError:
    """Not signed at all."""
    if kind == "s3":
        return AwsError("AccessDenied", "Access Denied", 403)
    if kind in ("query", "ec2"):
        return AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    return AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", _json(kind))


def incomplete(kind: Kind, message: str) -> AwsError:
    """The signature lacks a part."""
    if kind == "s3":
        return AwsError("AuthorizationHeaderMalformed", f"The authorization header is malformed; {message}", 400)
    if kind in ("query", "ec2"):
        return AwsError("IncompleteSignature", message, 400)
    return AwsError("IncompleteSignatureException", message, 400)


def bad_query(message: str) -> AwsError:
    """A presigned URL (S3) that lacks a part or has a wrong one."""
    return AwsError("AuthorizationQueryParametersError", message, 400)


def url_expired(at: str, now: str, seconds: int) -> AwsError:
    """A presigned URL (S3) after its time."""
    return AwsError("AccessDenied", "Request has expired", 403, **{"X-Amz-Expires": seconds, "Expires": at, "ServerTime": now})


def skewed(kind: Kind, said: str, now: str, edge: str, early: bool) -> AwsError:
    """The client's clock is more than fifteen minutes off. All moments as in X-Amz-Date."""
    if kind == "s3":
        return AwsError("RequestTimeTooSkewed", "The difference between the request time and the current time is too large.",
                        403, RequestTime=said, ServerTime=now, MaxAllowedSkewMilliseconds=900000)
    if kind == "ec2":
        return AwsError("RequestExpired", "Request has expired.", 400)
    if early:
        return refused(kind, f"Signature not yet current: {said} is still later than {edge} ({now} + 15 min.)")
    return refused(kind, f"Signature expired: {said} is now earlier than {edge} ({now} - 15 min.)")


def wrong_payload(kind: Kind, said: str, found: str) -> AwsError:
    """The body is not the one that was signed."""
    if kind == "s3":
        return AwsError("XAmzContentSHA256Mismatch",
                        "The provided 'x-amz-content-sha256' header does not match what was computed.", 400,
                        ClientComputedContentSHA256=said, S3ComputedContentSHA256=found)
    return refused(kind, MISMATCH)
