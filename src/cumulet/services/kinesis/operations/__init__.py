"""The API, a file a noun."""
