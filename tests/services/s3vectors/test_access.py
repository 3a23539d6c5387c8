"""Who may do what: identity policies, the bucket's policy, condition keys; and keys of KMS."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from enforced import document, own, refused, user
from services.s3vectors.conftest import PLACE, make_index, near, query, vector
from services.s3vectors.conftest import refused as fails


def filled(cloud: Cloud, **more: Any) -> tuple[Any, str]:
    """A client of the owner, and the ARN of an index that holds one vector."""
    owner = cloud.client("s3vectors")
    owner.create_vector_bucket(vectorBucketName="shelf", **more)
    index = make_index(owner)
    owner.put_vectors(**PLACE, vectors=[vector("a", 1, 1, n=1)])
    return owner, index


def test_metadata_and_filters_need_get_vectors(strict: Cloud) -> None:
    filled(strict)
    asker = strict.client("s3vectors", **user(strict, "ann", own("s3vectors:QueryVectors", "s3vectors:ListVectors")))
    assert query(asker, 1, 1, returnDistance=True) == [{"key": "a", "distance": 0.0}]
    assert asker.list_vectors(**PLACE)["vectors"] == [{"key": "a"}]
    asked = {**PLACE, "topK": 1, "queryVector": {"float32": [1, 1]}}
    for call, members in ((asker.query_vectors, {**asked, "returnMetadata": True}),
                          (asker.query_vectors, {**asked, "filter": {"n": 1}}),
                          (asker.list_vectors, {**PLACE, "returnData": True}),
                          (asker.list_vectors, {**PLACE, "returnMetadata": True})):
        assert "s3vectors:GetVectors" in refused(call, **members)


def test_tags_at_creation_need_tag_resource(strict: Cloud) -> None:
    asker = strict.client("s3vectors", **user(strict, "ann", own("s3vectors:CreateVectorBucket")))
    assert "s3vectors:TagResource" in refused(asker.create_vector_bucket, vectorBucketName="one", tags={"a": "b"})
    asker.create_vector_bucket(vectorBucketName="one")


def test_the_policy_of_a_bucket_lets_another_account_in(strict: Cloud) -> None:
    owner, index = filled(strict)
    other = strict.other()
    stranger = other.client("s3vectors", **user(other, "bob", own("s3vectors:*")))
    asked = {"indexArn": index, "topK": 1, "queryVector": {"float32": [1, 1]}}
    assert "resource-based policy" in refused(stranger.query_vectors, **asked)
    owner.put_vector_bucket_policy(vectorBucketName="shelf", policy=document(
        {"Principal": {"AWS": other.account}, "Action": ["s3vectors:QueryVectors", "s3vectors:PutVectors"], "Resource": index}))
    stranger.put_vectors(indexArn=index, vectors=[vector("b", 1, 1)])
    assert [one["key"] for one in stranger.query_vectors(**asked)["vectors"]] == ["a"]
    assert near(owner, 1, 1) == ["a", "b"]
    refused(stranger.get_index, indexArn=index)


def test_conditions_on_encryption_and_tags(strict: Cloud) -> None:
    key = strict.client("kms").create_key()["KeyMetadata"]["Arn"]
    keyed = {"StringEquals": {"s3vectors:sseType": "aws:kms", "s3vectors:kmsKeyArn": key}}
    asker = strict.client("s3vectors", **user(
        strict, "ann", own("s3vectors:CreateVectorBucket", "s3vectors:CreateIndex", Condition=keyed),
        own("s3vectors:GetIndex", Condition={"StringEquals": {"s3vectors:VectorBucketTag/team": "search"}})))
    refused(asker.create_vector_bucket, vectorBucketName="plain")
    asker.create_vector_bucket(vectorBucketName="keyed", encryptionConfiguration={"sseType": "aws:kms", "kmsKeyArn": key})
    make_index(asker, vectorBucketName="keyed")
    refused(make_index, vectors=asker, vectorBucketName="keyed", indexName="two", encryptionConfiguration={"sseType": "AES256"})
    owner, index = filled(strict)
    refused(asker.get_index, indexArn=index)
    owner.tag_resource(resourceArn=index.partition("/index/")[0], tags={"team": "search"})
    assert asker.get_index(**PLACE)["index"]["indexArn"] == index


def test_an_index_inherits_its_buckets_key_or_has_its_own(vectors: Any, cloud: Cloud) -> None:
    kms = cloud.client("kms")
    one, two = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    vectors.create_vector_bucket(vectorBucketName="shelf", encryptionConfiguration={"sseType": "aws:kms", "kmsKeyArn": one})
    make_index(vectors)
    make_index(vectors, indexName="own", encryptionConfiguration={"sseType": "aws:kms", "kmsKeyArn": two})
    make_index(vectors, indexName="none", encryptionConfiguration={"sseType": "AES256"})
    told = [vectors.get_index(vectorBucketName="shelf", indexName=name)["index"]["encryptionConfiguration"]
            for name in ("books", "own", "none")]
    assert told == [{"sseType": "aws:kms", "kmsKeyArn": one}, {"sseType": "aws:kms", "kmsKeyArn": two}, {"sseType": "AES256"}]


def test_without_its_key_an_index_opens_to_nobody(vectors: Any, cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    _, index = filled(cloud, encryptionConfiguration={"sseType": "aws:kms", "kmsKeyArn": key})
    assert near(vectors, 1, 1) == ["a"]
    asked: list[tuple[Any, dict[str, Any]]] = [
        (vectors.put_vectors, {"vectors": [vector("b", 1, 1)]}), (vectors.get_vectors, {"keys": ["a"]}),
        (vectors.delete_vectors, {"keys": ["a"]}), (vectors.query_vectors, {"topK": 1, "queryVector": {"float32": [1, 1]}}),
        (vectors.list_vectors, {"returnData": True})]
    for change, code in ((kms.disable_key, "KmsDisabledException"), (kms.schedule_key_deletion, "KmsInvalidStateException")):
        change(KeyId=key)
        for call, members in asked:
            with fails(code):
                call(indexArn=index, **members)
    assert vectors.list_vectors(indexArn=index)["vectors"] == [{"key": "a"}]


def test_users_need_the_key_as_well(strict: Cloud) -> None:
    key = strict.client("kms").create_key()["KeyMetadata"]["Arn"]
    filled(strict, encryptionConfiguration={"sseType": "aws:kms", "kmsKeyArn": key})
    asker = strict.client("s3vectors", **user(strict, "ann", own("s3vectors:*"), own("kms:Decrypt")))
    assert near(asker, 1, 1) == ["a"]
    assert "kms:GenerateDataKey" in refused(asker.put_vectors, **PLACE, vectors=[vector("b", 1, 1)])


@pytest.mark.parametrize(("asked", "message"), [
    ({"sseType": "aws:kms"}, "kmsKeyArn is required"), ({"sseType": "AES256", "kmsKeyArn": "{key}"}, "only allowed"),
    ({"sseType": "aws:kms", "kmsKeyArn": "{key}"}, "region")])
def test_encryption_that_is_none(vectors: Any, asked: dict[str, str], message: str) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    with fails("ValidationException", message):
        vectors.create_vector_bucket(vectorBucketName="shelf", encryptionConfiguration={
            name: value.replace("{key}", key) for name, value in asked.items()})


@pytest.mark.parametrize(("spec", "code"), [("", "KmsNotFoundException"), ("ECC_NIST_P256", "KmsInvalidKeyUsageException")])
def test_keys_that_cannot_encrypt(vectors: Any, cloud: Cloud, spec: str, code: str) -> None:
    key = f"arn:aws:kms:us-east-1:{cloud.account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    if spec:
        key = cloud.client("kms").create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    with fails(code):
        filled(cloud, encryptionConfiguration={"sseType": "aws:kms", "kmsKeyArn": key})
