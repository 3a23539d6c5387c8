"""The API of S3 Tables, a file a noun."""
