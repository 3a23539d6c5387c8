"""The operations of S3 Control, a file a noun."""
