"""The API of EC2, a file a noun."""
