"""S3 Select: SQL over one object. Its dialect is read here; DuckDB evaluates it."""
