"""The API of Lambda, a file a noun."""
