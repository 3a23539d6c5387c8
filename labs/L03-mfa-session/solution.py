"""The device's codes are made as an authenticator app makes them (RFC 6238)."""

import base64
import hmac
import json
import struct
import time

from cumulet.faces.labs.room import Key, Room


def code(seed: bytes, at: float) -> str:
    """Six digits for a moment."""
    mac = hmac.digest(base64.b32decode(seed), struct.pack(">Q", int(at) // 30), "sha1")
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start:start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def solve(room: Room) -> None:
    """Mia before, with, and after her session."""
    iam = room.client("iam")
    iam.create_user(UserName="mia")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="mia")["VirtualMFADevice"]
    serial, seed = made["SerialNumber"], made["Base32StringSeed"]
    now = time.time()
    iam.enable_mfa_device(UserName="mia", SerialNumber=serial, AuthenticationCode1=code(seed, now - 30),
                          AuthenticationCode2=code(seed, now))
    iam.put_user_policy(UserName="mia", PolicyName="with-mfa", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "s3:*", "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}))

    key = Key.of(iam.create_access_key(UserName="mia")["AccessKey"])
    room.refused("AccessDenied", room.client("s3", key).list_buckets)
    sts = room.client("sts", key)
    given = sts.get_session_token(SerialNumber=serial, TokenCode=code(seed, now + 30), DurationSeconds=900)["Credentials"]
    session = room.client("s3", Key.of(given))
    session.list_buckets()
    room.advance(901)
    room.refused("ExpiredToken", session.list_buckets)
