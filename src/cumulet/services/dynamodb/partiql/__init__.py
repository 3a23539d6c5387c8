"""PartiQL: text → statement; its conditions and updates are trees of the expression language, compiled and run by that."""
