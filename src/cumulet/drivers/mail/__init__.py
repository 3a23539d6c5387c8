"""Mails on their way out of the machine, where somebody asks for that."""
