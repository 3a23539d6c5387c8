"""Who exists: the tables that every call needs. The IAM and STS services edit them through the kernel's face."""
