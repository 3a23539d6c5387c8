"""Amazon S3 Vectors: vector buckets, indexes, and the vectors in them, found by similarity, by words, or by both."""

from cumulet.kernel import Service

SERVICE = Service(api="s3vectors", principal="s3vectors.amazonaws.com", needs=("kms",))
