"""A small shop in the cloud."""
