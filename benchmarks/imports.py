"""``import coinex_pandas`` beside ``import pandas, requests``, each in a fresh interpreter.

Run: python benchmarks/imports.py
"""

from __future__ import annotations

import compileall
import statistics
import subprocess
import sys
from pathlib import Path

import pandas as pd
from side_by_side import report

ROUNDS = 31


def seconds(statement: str) -> float:
    """Return the CPU seconds of a fresh interpreter that runs one statement."""
    code = f"import time; begin = time.process_time(); {statement}; print(time.process_time() - begin)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    """Measure and report."""
    # Without byte code the first import compiles, and reads three times too high.
    compileall.compile_dir(Path(pd.__file__).parent.parent, quiet=2, workers=0)
    compileall.compile_dir(Path(__file__).parent.parent / "coinex_pandas", quiet=2)
    first_name = beside("import coinex_pandas as cx; cx.spot_deals")  # what is saved at the import, falls due here
    found = {"import": beside("import coinex_pandas"), "first_name": first_name}
    report("imports: median of ratios", found, {"import": "<= 1.05 of import pandas, requests"})


def beside(statement: str) -> float:
    """Return the median of a statement's ratios to the imports that it stands upon."""
    pairs = [(seconds(statement), seconds("import pandas, requests")) for _ in range(ROUNDS)]
    return statistics.median(one / other for one, other in pairs)


if __name__ == "__main__":
    main()
