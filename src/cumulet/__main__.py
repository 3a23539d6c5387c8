"""`python -m cumulet` is `cumulet`."""

from .faces.cli.main import main

if __name__ == "__main__":
    main()
