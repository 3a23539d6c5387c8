"""No key material and no plaintext anywhere but in answers; and keys outlive the process."""

from __future__ import annotations

import base64
import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from conftest import Cloud, Start, new_account
from cumulet.kernel.store.keyring import SealingProblem
from servers import ServerProcess
from services.kms.asking import code, new_key
from services.kms.test_importing import AES, FOR_EVER, bring, pkcs8, state

DAY = 86_400


def forms(secret: bytes) -> list[bytes]:
    """How a secret might lie somewhere."""
    return [secret, base64.b64encode(secret).rstrip(b"=")[:-1], secret.hex().encode(), secret.hex().upper().encode()]


def test_secrets_are_nowhere_to_be_read(start_cloud: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cumulet")
    thread = start_cloud(data=tmp_path / "state", store="")
    cloud = Cloud(thread, new_account())
    kms = cloud.client("kms")
    material, pair = os.urandom(32), pkcs8(ec.generate_private_key(ec.SECP256R1()))
    external = new_key(kms, Origin="EXTERNAL")["KeyId"]
    bring(kms, external, material)
    signer = new_key(kms, Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    bring(kms, signer, pair, AES)
    plaintext = b"the plaintext that nobody else may see"
    blob = kms.encrypt(KeyId=external, Plaintext=plaintext)["CiphertextBlob"]
    data_key = kms.generate_data_key(KeyId=external, KeySpec="AES_256")
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == plaintext
    kms.sign(KeyId=signer, Message=plaintext, SigningAlgorithm="ECDSA_SHA_256")
    told = []
    for operation, members in ((kms.encrypt, {"KeyId": signer, "Plaintext": plaintext}),
                               (kms.sign, {"KeyId": external, "Message": plaintext, "SigningAlgorithm": "ECDSA_SHA_256"}),
                               (kms.encrypt, {"KeyId": "none", "Plaintext": plaintext}),
                               (kms.encrypt, {"KeyId": external, "Plaintext": plaintext * 200}),
                               (kms.decrypt, {"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}})):
        with pytest.raises(kms.exceptions.ClientError) as problem:
            operation(**members)
        told.append(json.dumps(problem.value.response, default=str))
    entries = repr(list(cloud.kernel.recorder.ring))
    assert "Encrypt" in entries
    thread.stop()
    places = {p.name: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p.name != "machine.key"}
    assert len(places["state.sqlite"]) > 8192
    logged = "".join(caplog.handler.format(record) for record in caplog.records if record.name.startswith("cumulet"))
    places |= {"log": logged.encode(), "errors": "".join(told).encode(), "entries": entries.encode()}
    for secret in (material, pair[-60:], plaintext, data_key["Plaintext"]):
        for form in forms(secret):
            assert [name for name, text in places.items() if form in text] == []


def test_keys_outlive_the_process_and_so_do_their_appointments(start_cloud: Start, tmp_path: Path) -> None:
    thread = start_cloud(data=tmp_path / "state")
    cloud = Cloud(thread, new_account())
    kms = cloud.client("kms")
    turning, leaving, external = new_key(kms)["KeyId"], new_key(kms)["KeyId"], new_key(kms, Origin="EXTERNAL")["KeyId"]
    kms.enable_key_rotation(KeyId=turning, RotationPeriodInDays=90)
    kms.schedule_key_deletion(KeyId=leaving, PendingWindowInDays=7)
    material = os.urandom(32)
    bring(kms, external, material, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=cloud.clock.now() + 5 * DAY)
    parameters = kms.get_parameters_for_import(KeyId=external, WrappingAlgorithm="RSAES_OAEP_SHA_256",
                                               WrappingKeySpec="RSA_2048")
    blobs = [kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"] for key in (turning, external)]
    thread.stop()
    cloud = Cloud(start_cloud(data=tmp_path / "state"), cloud.account)
    kms = cloud.client("kms")
    assert [kms.decrypt(CiphertextBlob=blob)["Plaintext"] for blob in blobs] == [b"x", b"x"]
    assert code(kms.import_key_material, KeyId=external, ImportToken=parameters["ImportToken"],
                EncryptedKeyMaterial=bytes(256), **FOR_EVER) == "InvalidCiphertextException"      # the token holds still
    cloud.clock.advance(91 * DAY)
    assert len(kms.list_key_rotations(KeyId=turning)["Rotations"]) == 1
    assert code(kms.describe_key, KeyId=leaving) == "NotFoundException"
    assert state(kms, external) == "PendingImport"
    assert kms.decrypt(CiphertextBlob=blobs[0])["Plaintext"] == b"x"


def test_a_snapshot_brings_keys_to_another_folder(start_cloud: Start, tmp_path: Path) -> None:
    thread = start_cloud(data=tmp_path / "one")
    cloud = Cloud(thread, new_account())
    kms = cloud.client("kms")
    blob = kms.encrypt(KeyId=new_key(kms)["KeyId"], Plaintext=b"x")["CiphertextBlob"]

    async def snapshot() -> None:
        cloud.kernel.store.snapshot(str(tmp_path / "snap"))

    thread.call(snapshot())
    other = start_cloud(data=tmp_path / "two")

    async def restore() -> Any:
        other.cloud.store.restore(str(tmp_path / "snap"))

    other.call(restore())
    assert Cloud(other, cloud.account).client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_cloud_without_its_machine_key_does_not_start(start_cloud: Start, tmp_path: Path) -> None:
    thread = start_cloud(data=tmp_path / "state", store="")
    cloud = Cloud(thread, new_account())
    kms = cloud.client("kms")
    blob = kms.encrypt(KeyId=new_key(kms)["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    thread.stop()
    key = tmp_path / "state" / "machine.key"
    key.rename(tmp_path / "elsewhere")
    for _ in range(2):
        with pytest.raises(SealingProblem, match="beside the state is missing"):
            start_cloud(data=tmp_path / "state", store="")
        assert not key.exists()
    (tmp_path / "elsewhere").rename(key)
    cloud = Cloud(start_cloud(data=tmp_path / "state", store=""), cloud.account)
    assert cloud.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_killed_server_has_every_key_that_it_answered_with(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "state")
    kms = server.client("kms")
    made: dict[str, bytes] = {}
    try:
        for n in range(20):
            key = new_key(kms, MultiRegion=n % 3 == 0)["KeyId"]
            made[key] = kms.encrypt(KeyId=key, Plaintext=key.encode())["CiphertextBlob"]
            if n % 4 == 0:
                kms.rotate_key_on_demand(KeyId=key)
        server.kill()
        server = ServerProcess(tmp_path / "state")
        kms = server.client("kms")
        for key, blob in made.items():
            assert kms.decrypt(CiphertextBlob=blob, KeyId=key)["Plaintext"] == key.encode()
            kms.encrypt(KeyId=key, Plaintext=b"x")
    finally:
        server.kill()
