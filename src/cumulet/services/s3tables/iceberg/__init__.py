"""What a table of Apache Iceberg is: its metadata, and how that changes. Pure: no wire, no clock, no other service.

https://iceberg.apache.org/spec/
"""


class Invalid(ValueError):
    """What was said does not make a table."""


class Failed(ValueError):
    """The table is not as a commit requires it to be."""
