"""What AWS's pages say of S3 Vectors, row by row: each with its page, asked over the wire; of refusals code, status, message.

In members, {b} is a bucket's ARN, {i} that of an index in it (two dimensions, euclidean; `text` is searched and not
filterable), {c} that of a cosine index. In {i} are three books.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from conftest import Cloud
from services.documented import Answered, Members, Refused, check, ids
from services.s3vectors.conftest import make_index, vector

API = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_"
GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-"
LIMITS, FILTERS, MODES = GUIDE + "limitations.html", GUIDE + "metadata-filtering.html", GUIDE + "index-mode.html"
WORDS, VECTORS = GUIDE + "querying-full-text-and-vector-search.html", GUIDE + "vectors.html"
INDEXES, BUCKETS = GUIDE + "indexes.html", GUIDE + "buckets-naming.html"
BOOKED, ANGLES, SHELF = {"indexArn": "{i}"}, {"indexArn": "{c}"}, {"vectorBucketArn": "{b}"}
BAD, CONFLICT, ABSENT = ("ValidationException", 400), ("ConflictException", 409), ("NotFoundException", 404)
BOOKS = [vector("alpha", 1, 0, genre="documentary", year=2018, text="red fox"),
         vector("beta", 2, 0, genre="comedy", year=2020, text="red red hen"),
         vector("gamma", 3, 0, genre=["documentary", "romance"], year=2021, text="grey owl", sold=True)]


def new(name: str = "new", where: Members = SHELF, **more: Any) -> Members:
    return where | {"indexName": name, "dataType": "float32", "dimension": 2, "distanceMetric": "cosine"} | more


def put(*rows: Members, where: Members = BOOKED) -> Members:
    return where | {"vectors": list(rows)}


def ask(asked: Any = None, top: int = 10, where: Members = BOOKED, **more: Any) -> Members:
    return where | {"topK": top, "queryVector": {"float32": [0, 0]}, **more} | ({"filter": asked} if asked is not None else {})


def words(text: str = "red", **more: Any) -> Members:
    return BOOKED | {"topK": 10, "queryTexts": [{"text": text, "metadataKey": "text"}], **more}


def keys(*wanted: str) -> Any:
    return lambda answer: [one["key"] for one in answer["vectors"]] == list(wanted)


def finds(what: str, asked: Any, *wanted: str) -> Answered:
    return Answered(FILTERS, what, "query_vectors", ask(asked), keys(*wanted))


REFUSALS = [
    Refused(BUCKETS, "no capitals in names", "create_vector_bucket", {"vectorBucketName": "Shelf"},
            *BAD, "Invalid vector bucket name"),
    Refused(BUCKETS, "three characters at least", "create_vector_bucket", {"vectorBucketName": "ab"}, *BAD, ""),
    Refused(API + "CreateVectorBucket.html", "a name that is taken", "create_vector_bucket", {"vectorBucketName": "shelf"},
            *CONFLICT, "already exists"),
    Refused(API + "CreateVectorBucket.html", "a key needs aws:kms", "create_vector_bucket", {
        "vectorBucketName": "new", "encryptionConfiguration": {"sseType": "aws:kms"}}, *BAD, "kmsKeyArn is required"),
    Refused(API + "DeleteVectorBucket.html", "indexes go first", "delete_vector_bucket", SHELF, *CONFLICT, "not empty"),
    Refused(API + "GetVectorBucket.html", "none there", "get_vector_bucket", {"vectorBucketName": "none"}, *ABSENT,
            "The specified vector bucket could not be found"),
    Refused(API + "GetVectorBucket.html", "name or ARN", "get_vector_bucket", {}, *BAD, "vectorBucketName or vectorBucketArn"),
    Refused(API + "GetVectorBucketPolicy.html", "no policy", "get_vector_bucket_policy", SHELF, *ABSENT, "policy"),
    Refused(API + "CreateIndex.html", "a name that is taken", "create_index", new("books"), *CONFLICT, "already exists"),
    Refused(API + "CreateIndex.html", "a bucket that is none", "create_index", new(where={"vectorBucketName": "none"}), *ABSENT,
            "vector bucket"),
    Refused(INDEXES, "no capitals in names", "create_index", new("Books"), *BAD, "Invalid index name"),
    Refused(INDEXES, "4,096 dimensions at most", "create_index", new(dimension=4097), *BAD, "4096"),
    Refused(INDEXES, "one dimension at least", "create_index", new(dimension=0), *BAD, "1"),
    Refused(INDEXES, "two metrics", "create_index", new(distanceMetric="manhattan"), *BAD, "euclidean"),
    Refused(API + "MetadataConfiguration.html", "ten keys that are not filterable", "create_index", new(
        metadataConfiguration={"nonFilterableMetadataKeys": [f"k{n}" for n in range(11)]}), *BAD, "10"),
    Refused(API + "GetIndex.html", "none there", "get_index", {"indexArn": "{b}/index/none"}, *ABSENT,
            "The specified index could not be found"),
    Refused(API + "DeleteIndex.html", "none there", "delete_index", {"indexArn": "{b}/index/none"}, *ABSENT, "index"),
    Refused(MODES, "new buckets have no classic index", "update_index_mode", BOOKED | {"indexMode": "CLASSIC"},
            *BAD, "CLASSIC"),
    Refused(LIMITS, "500 vectors a request", "put_vectors", put(*(vector(f"k{n}", 1, 1) for n in range(501))), *BAD, "500"),
    Refused(LIMITS, "500 deletions a request", "delete_vectors", BOOKED | {"keys": [f"k{n}" for n in range(501)]}, *BAD, "500"),
    Refused(LIMITS, "100 vectors read a request", "get_vectors", BOOKED | {"keys": [f"k{n}" for n in range(101)]}, *BAD, "100"),
    Refused(LIMITS, "2 KB of filterable metadata", "put_vectors", put(vector("k", 1, 1, a="x" * 2048)), *BAD,
            "Invalid record for key 'k': Filterable metadata must have at most 2048 bytes"),
    Refused(LIMITS, "40 KB of metadata", "put_vectors", put(vector("k", 1, 1, text="x" * 40960)), *BAD, "at most 40960 bytes"),
    Refused(LIMITS, "20 MiB a request", "put_vectors", put(vector("k", 1, 1, text="x" * (20 << 20))), *BAD,
            "Request body exceeds max allowed size"),
    Refused(LIMITS, "50 metadata keys", "put_vectors", put(vector("k", 1, 1, **{f"m{n}": n for n in range(51)})),
            *BAD, "50 keys"),
    Refused(LIMITS, "16 segments", "list_vectors", BOOKED | {"segmentCount": 17, "segmentIndex": 0}, *BAD, "16"),
    Refused(LIMITS, "1,000 vectors a page", "list_vectors", BOOKED | {"maxResults": 1001}, *BAD, "1000"),
    Refused(VECTORS, "as long as the index says", "put_vectors", put(vector("k", 1)), *BAD,
            "Invalid record for key 'k': vector must have length 2, but has length 1"),
    Refused(VECTORS, "keys of 1,024 characters", "put_vectors", put(vector("k" * 1025, 1, 1)), *BAD, "1024"),
    Refused(API + "PutInputVector.html", "no zero by cosine", "put_vectors", put(vector("k", 0, 0), where=ANGLES), *BAD,
            "cosine distance does not support vectors with zero norm"),
    Refused(API + "PutInputVector.html", "no NaN", "put_vectors", put(vector("k", float("nan"), 0)), *BAD, "NaN"),
    Refused(API + "QueryVectors.html", "as long as the index says", "query_vectors", BOOKED | {
        "topK": 1, "queryVector": {"float32": [1, 2, 3]}}, *BAD, "vector must have length 2, but has length 3"),
    Refused(API + "QueryVectors.html", "a vector or texts", "query_vectors", BOOKED | {"topK": 1},
            *BAD, "queryVector, queryTexts or both"),
    Refused(API + "QueryVectors.html", "one result at least", "query_vectors", ask(top=0), *BAD, "1"),
    Refused(API + "QueryVectors.html", "no classic query of an enhanced index", "query_vectors", ask(queryMode="CLASSIC"), *BAD,
            "CLASSIC"),
    Refused(GUIDE + "query.html", "a token of this query", "query_vectors", ask(nextToken="abc"), *BAD, "nextToken"),
    Refused(FILTERS, "not by what is not filterable", "query_vectors", ask({"text": "red fox"}), *BAD, "not filterable"),
    Refused(FILTERS, "numbers are compared", "query_vectors", ask({"year": {"$gt": "2019"}}), *BAD, "$gt must be a number"),
    Refused(FILTERS, "$in takes a list", "query_vectors", ask({"year": {"$in": 2020}}), *BAD, "$in must be a non-empty array"),
    Refused(FILTERS, "$and takes filters", "query_vectors", ask({"$and": []}), *BAD, "$and must be a non-empty array"),
    Refused(FILTERS, "$exists takes a boolean", "query_vectors", ask({"year": {"$exists": "yes"}}), *BAD, "$exists must be"),
    Refused(MODES, "100 constraints at most", "query_vectors", ask({"$or": [{"year": n} for n in range(101)]}),
            *BAD, "at most 100"),
    Refused(WORDS, "only where it is configured", "query_vectors", BOOKED | {
        "topK": 1, "queryTexts": [{"text": "x", "metadataKey": "genre"}]}, *BAD, "not configured"),
    Refused(API + "QueryText.html", "1,024 characters", "query_vectors", words("x" * 1025), *BAD, "1024"),
    Refused(API + "UpdateMetadataConfiguration.html", "add or delete", "update_metadata_configuration", BOOKED,
            *BAD, "add or delete"),
    Refused(API + "TagResource.html", "50 tags", "tag_resource", {
        "resourceArn": "{b}", "tags": {f"t{n}": "" for n in range(51)}}, *BAD, "50"),
]

ANSWERS = [
    Answered(API + "GetVectorBucket.html", "AES256 by default", "get_vector_bucket", SHELF,
             lambda a: a["vectorBucket"]["encryptionConfiguration"] == {"sseType": "AES256"}),
    Answered(MODES, "new buckets are enhanced", "get_vector_bucket", SHELF,
             lambda a: a["vectorBucket"]["defaultIndexMode"] == "ENHANCED"),
    Answered(API + "CreateIndex.html", "the ARN holds both names", "create_index", new(), lambda a: a["indexArn"].endswith(
        ":bucket/shelf/index/new")),
    Answered(API + "DeleteVectorBucketPolicy.html", "without a policy as well", "delete_vector_bucket_policy", SHELF,
             lambda a: a["ResponseMetadata"]["HTTPStatusCode"] == 200),
    Answered(API + "GetVectors.html", "keys alone by default", "get_vectors", BOOKED | {"keys": ["alpha", "none"]},
             lambda a: a["vectors"] == [{"key": "alpha"}]),
    Answered(API + "PutVectors.html", "a key again replaces", "get_vectors", BOOKED | {"keys": ["alpha"], "returnData": True},
             lambda a: a["vectors"][0]["data"] == {"float32": [7.0, 8.0]}, (("put_vectors", put(vector("alpha", 7, 8))),)),
    Answered(API + "DeleteVectors.html", "keys that are none do no harm", "delete_vectors", BOOKED | {"keys": ["none"]},
             lambda a: a["ResponseMetadata"]["HTTPStatusCode"] == 200),
    Answered(API + "ListVectors.html", "500 a page by default", "list_vectors", BOOKED, lambda a: len(a["vectors"]) == 500,
             (("put_vectors", put(*(vector(f"k{n}", 1, 1) for n in range(500)))),)),
    Answered(API + "QueryVectors.html", "keys alone by default", "query_vectors", ask(top=1),
             lambda a: (a["vectors"], a["distanceMetric"]) == ([{"key": "alpha"}], "euclidean")),
    Answered(API + "QueryVectors.html", "distance and metadata when asked for", "query_vectors", ask(
        top=1, returnDistance=True, returnMetadata=True), lambda a: (a["vectors"][0]["distance"], sorted(
            a["vectors"][0]["metadata"])) == (1.0, ["genre", "text", "year"])),
    finds("an equality without an operator", {"genre": "comedy"}, "beta"),
    finds("$eq fits any value of a list", {"genre": {"$eq": "documentary"}}, "alpha", "gamma"),
    finds("$ne", {"genre": {"$ne": "comedy"}}, "alpha", "gamma"),
    finds("$gt", {"year": {"$gt": 2018}}, "beta", "gamma"),
    finds("$gte", {"year": {"$gte": 2020}}, "beta", "gamma"),
    finds("$lt", {"year": {"$lt": 2020}}, "alpha"),
    finds("$lte", {"year": {"$lte": 2020}}, "alpha", "beta"),
    finds("$in", {"genre": {"$in": ["comedy", "romance"]}}, "beta", "gamma"),
    finds("$nin", {"genre": {"$nin": ["comedy", "romance"]}}, "alpha"),
    finds("$exists", {"sold": {"$exists": True}}, "gamma"),
    finds("$and", {"$and": [{"genre": "documentary"}, {"year": {"$gte": 2020}}]}, "gamma"),
    finds("$or", {"$or": [{"genre": "comedy"}, {"year": {"$gte": 2021}}]}, "beta", "gamma"),
    Answered(MODES, "$startsWith in enhanced indexes", "query_vectors", ask({"genre": {"$startsWith": "docu"}}),
             keys("alpha", "gamma")),
    Answered(WORDS, "texts alone rank by BM25", "query_vectors", words(), keys("beta", "alpha")),
    Answered(WORDS, "scores when asked for", "query_vectors", words("owl", returnScores=True),
             lambda a: [one["metadataKey"] for one in a["vectors"][0]["scores"]["bm25Scores"]] == ["text"]),
    Answered(API + "QueryVectors.html", "no scores of vectors alone", "query_vectors", ask(returnScores=True),
             lambda a: all("scores" not in one for one in a["vectors"])),
    Answered(WORDS, "both are fused", "query_vectors", words(queryVector={"float32": [9, 0]}, returnScores=True),
             lambda a: keys("beta", "alpha", "gamma")(a) and all("fused" in one["scores"] for one in a["vectors"])),
    Answered(API + "TextSearchConfiguration.html", "GetIndex tells the status", "get_index", BOOKED,
             lambda a: a["index"]["metadataConfiguration"]["textSearchConfigurations"] == [
                 {"metadataKey": "text", "status": "ACTIVE"}]),
]


@pytest.fixture
def world(cloud: Cloud) -> Any:
    """A bucket with two indexes and three books."""
    vectors = cloud.client("s3vectors")
    names = {"b": vectors.create_vector_bucket(vectorBucketName="shelf")["vectorBucketArn"]}
    names["i"] = make_index(vectors, metadataConfiguration={
        "nonFilterableMetadataKeys": ["text"], "textSearchConfigurations": [{"metadataKey": "text"}]})
    names["c"] = make_index(vectors, indexName="angles", distanceMetric="cosine")
    vectors.put_vectors(indexArn=names["i"], vectors=BOOKS)
    return SimpleNamespace(client=vectors, names=names)


@pytest.mark.parametrize("row", REFUSALS, ids=ids(REFUSALS))
def test_what_aws_refuses(world: Any, row: Refused) -> None:
    check(row, world.client, world.names)


@pytest.mark.parametrize("row", ANSWERS, ids=ids(ANSWERS))
def test_what_aws_answers(world: Any, row: Answered) -> None:
    check(row, world.client, world.names)
