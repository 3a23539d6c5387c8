"""The test kit: clouds for tests of one's own programs. What users import stands in `cumulet.testing` (docs/test-kit.md)."""
