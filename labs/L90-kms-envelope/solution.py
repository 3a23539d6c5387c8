"""The key and its policy, 4 KB directly, more by an envelope, and old ciphertext after two rotations."""

import json

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cumulet.faces.labs.room import Key, Room

YEAR = 365 * 86_400


def solve(room: Room) -> None:
    """As the root, then as each of the two."""
    root, iam = f"arn:aws:iam::{room.account}:", room.client("iam")
    keys = {}
    for user in ("admin", "worker"):
        iam.create_user(UserName=user)
        keys[user] = Key.of(iam.create_access_key(UserName=user)["AccessKey"])
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"{root}root"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": f"{root}user/admin"}, "Resource": "*", "Action": [
            "kms:Describe*", "kms:Get*", "kms:List*", "kms:Enable*", "kms:Disable*", "kms:PutKeyPolicy",
            "kms:Schedule*", "kms:Cancel*"]},
        {"Effect": "Allow", "Principal": {"AWS": f"{root}user/worker"}, "Resource": "*", "Action": [
            "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]}]}
    made = room.client("kms").create_key(Description="of the app", Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    room.client("kms").create_alias(AliasName="alias/app", TargetKeyId=made)

    admin, worker = room.client("kms", keys["admin"]), room.client("kms", keys["worker"])
    admin.enable_key_rotation(KeyId=made)
    room.refused("AccessDeniedException", admin.encrypt, KeyId=made, Plaintext=b"x")
    room.refused("AccessDeniedException", worker.disable_key, KeyId=made)

    context = {"for": "the lab"}
    small = worker.encrypt(KeyId="alias/app", Plaintext=b"s" * 4096, EncryptionContext=context)["CiphertextBlob"]
    room.refused("ValidationException", worker.encrypt, KeyId="alias/app", Plaintext=b"s" * 4097)

    data = worker.generate_data_key(KeyId="alias/app", KeySpec="AES_256", EncryptionContext=context)
    large = AESGCM(data["Plaintext"]).encrypt(b"a nonce here", b"l" * 1_000_000, None)
    sealed = data["CiphertextBlob"]

    room.advance(2 * YEAR + 86_400)
    opened = worker.decrypt(CiphertextBlob=sealed, EncryptionContext=context)["Plaintext"]
    assert AESGCM(opened).decrypt(b"a nonce here", large, None) == b"l" * 1_000_000
    assert worker.decrypt(CiphertextBlob=small, EncryptionContext=context)["Plaintext"] == b"s" * 4096
    room.refused("InvalidCiphertextException", worker.decrypt, CiphertextBlob=small, EncryptionContext={"for": "another"})
