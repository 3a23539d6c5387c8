"""The operations of AWS Private CA, a file a noun."""
