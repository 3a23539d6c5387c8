"""The API of the Parameter Store, a file a noun."""
