"""S3 Metadata: what happens in a bucket, and what lies in it, as Iceberg tables of S3 Tables.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-overview.html
"""
