"""Amazon S3 Tables: table buckets, namespaces and Iceberg tables, and the Iceberg REST catalog of each bucket."""

from cumulet.kernel import Service

SERVICE = Service(api="s3tables", principal="maintenance.s3tables.amazonaws.com", needs=("kms", "s3"))
