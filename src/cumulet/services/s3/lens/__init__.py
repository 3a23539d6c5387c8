"""S3 Storage Lens: what an account's buckets hold, summed up once a day and told to whom its configurations name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage_lens.html
"""
