"""Sandboxes: programs that run apart from the machine, in namespaces of their own where that is possible."""
