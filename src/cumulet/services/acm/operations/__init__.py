"""The operations of AWS Certificate Manager, a file a noun."""
