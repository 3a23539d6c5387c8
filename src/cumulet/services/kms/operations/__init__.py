"""KMS's operations, a file a noun."""
