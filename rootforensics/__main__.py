"""``python -m rootforensics`` is the command line."""

from rootforensics.cli import main

if __name__ == "__main__":
    main()
