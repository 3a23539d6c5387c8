"""The API of S3 Vectors, a file a noun."""
