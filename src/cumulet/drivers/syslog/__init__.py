"""Syslog that comes by ports of this machine."""
