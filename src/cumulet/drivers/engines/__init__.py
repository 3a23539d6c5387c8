"""Engines: real servers (PostgreSQL, …) that run as supervised child processes."""
