"""Functions: code that is given to runtimes in sandboxes, an event at a time, by Lambda's Runtime API."""
