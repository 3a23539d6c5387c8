"""The operations of S3, a file a noun."""
