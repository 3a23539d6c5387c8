"""The API of Secrets Manager, a file a noun."""
