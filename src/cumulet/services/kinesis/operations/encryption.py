"""Encryption of what is written from now on."""

from __future__ import annotations

from cumulet.kernel import Call, error, operation

from .. import encryption, streams

_DAY = 86_400.0
_MOST_A_DAY = 25


@operation(accepts=("StreamId",))
def start_stream_encryption(call: Call, EncryptionType: str, KeyId: str, StreamName: str | None = None,
                            StreamARN: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartStreamEncryption.html"""
    call, stream = streams.own(call, StreamName, StreamARN)
    _check(EncryptionType)
    encryption.check_key(call, KeyId)
    recent = [moment for moment in stream.sealed if moment > call.now - _DAY]
    if len(recent) >= _MOST_A_DAY:
        raise error.LimitExceededException(
            f"Stream {stream.Name} under account {call.account} has reached the limit of {_MOST_A_DAY} new KMS keys in a "
            "rolling 24-hour period.")
    stream.sealed = [*recent, call.now]
    stream.StreamEncryption = {"EncryptionType": EncryptionType, "KeyId": KeyId}
    call.put(stream)


@operation(accepts=("StreamId", "KeyId"))
def stop_stream_encryption(call: Call, EncryptionType: str, StreamName: str | None = None,
                           StreamARN: str | None = None) -> None:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StopStreamEncryption.html"""
    call, stream = streams.own(call, StreamName, StreamARN)
    _check(EncryptionType)
    stream.StreamEncryption = None
    call.put(stream)


def _check(kind: str) -> None:
    if kind != "KMS":
        raise error.InvalidArgumentException("The only valid EncryptionType is KMS.")
