"""The expression language: text → tokens → tree → closures over items. Compiled once a text and its names, then reused."""
