"""The API of the schema registry, by noun."""
