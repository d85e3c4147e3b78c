"""``python -m coinex_pandas.cli`` is the command, too."""

import sys

from coinex_pandas.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
