"""The operations of STS, by how one comes to be somebody."""
