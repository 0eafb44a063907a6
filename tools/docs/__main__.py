"""``python -m tools.docs`` writes what is generated; ``--check`` says what is stale."""

import sys

from tools.docs.pages import main

sys.exit(main(sys.argv[1:]))
