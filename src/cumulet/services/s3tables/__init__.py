"""Amazon S3 Tables: table buckets, namespaces and Iceberg tables, and the Iceberg REST catalog of each bucket."""

from cumulet.kernel import Service

SERVICE = Service(api="s3tables", principal="maintenance.s3tables.amazonaws.com", needs=("kms", "s3"),
                  absent={"Iceberg*": "AWS's catalog does not have it", "*Migration*": "there is no Glue",
                          "*Metrics*": "requests for files are not recorded",
                          "*Logging": "requests for files are not recorded",
                          "*RecordExpiration*": "only AWS's own system tables have it"})
