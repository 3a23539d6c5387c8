"""The API of identity stores, a file a noun."""
