"""Runtime clients: programs that run in the sandboxes of functions, under the interpreter that the function asks for."""
