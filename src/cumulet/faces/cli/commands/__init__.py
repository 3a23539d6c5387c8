"""The commands. Each file holds one, named `command`; the file's name is the command's."""
