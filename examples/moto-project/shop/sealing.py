"""What is secret is sealed with a key that only the cloud has."""

import boto3

ALIAS = "alias/shop"


def setup():
    kms = boto3.client("kms")
    key = kms.create_key(Description="The shop's key")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=ALIAS, TargetKeyId=key)
    kms.enable_key_rotation(KeyId=key)
    return key


def seal(text, customer):
    kms = boto3.client("kms")
    return kms.encrypt(KeyId=ALIAS, Plaintext=text.encode(), EncryptionContext={"customer": customer})["CiphertextBlob"]


def unseal(sealed, customer):
    kms = boto3.client("kms")
    return kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"customer": customer})["Plaintext"].decode()


def data_key():
    made = boto3.client("kms").generate_data_key(KeyId=ALIAS, KeySpec="AES_256")
    return made["Plaintext"], made["CiphertextBlob"]


def retire(days=7):
    kms = boto3.client("kms")
    key = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"]
    return kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=days)
