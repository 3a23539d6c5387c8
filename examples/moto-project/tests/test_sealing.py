import boto3
import pytest
from moto import mock_aws

from shop import sealing


@mock_aws
class TestSealing:
    @pytest.fixture(autouse=True)
    def key(self, aws):
        self.id = sealing.setup()

    def test_what_is_sealed_can_be_read(self):
        sealed = sealing.seal("4111", "ann")
        assert b"4111" not in sealed
        assert sealing.unseal(sealed, "ann") == "4111"

    def test_but_not_for_somebody_else(self):
        sealed = sealing.seal("4111", "ann")
        with pytest.raises(boto3.client("kms").exceptions.InvalidCiphertextException):
            sealing.unseal(sealed, "bob")

    def test_a_key_for_much(self):
        plain, sealed = sealing.data_key()
        assert len(plain) == 32
        assert boto3.client("kms").decrypt(CiphertextBlob=sealed)["Plaintext"] == plain

    def test_the_key_turns(self):
        assert boto3.client("kms").get_key_rotation_status(KeyId=self.id)["KeyRotationEnabled"] is True

    def test_the_key_goes(self):
        sealing.retire()
        assert boto3.client("kms").describe_key(KeyId=self.id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
