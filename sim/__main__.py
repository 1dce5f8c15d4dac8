"""`python -m sim` is the `crmsim` command."""

from sim.cli import main

if __name__ == "__main__":
    main()
