"""The browser tests with other kernels: each version of ipykernel in a throw-away venv.

Run: python -m tests.widget.browser.matrix [version ...]
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from tests.paths import ROOT

VERSIONS = ("6.31.0", "7.3.0", "7.4.0")  # callbacks on the main thread, on another thread, on the main thread
OF_OTHER_YEARS = ["nest-asyncio==1.6.0"]  # what old ones need besides what the newest needs


def venv(folder: Path, version: str) -> Path:
    """Make a venv that has this ipykernel of its own, and everything else from the venv that runs this."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    command = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([str(python), *command, f"ipykernel=={version}", *OF_OTHER_YEARS], check=True)
    own = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    # Paths of a .pth file come after the venv's own; an editable install is a .pth file of its own, so it is named too.
    root = ROOT
    (Path(own) / "rest.pth").write_text(f"{sysconfig.get_path('purelib')}\n{root}\n")
    told = [str(python), "-c", "import ipykernel; print(ipykernel.__version__)"]
    assert version == subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()
    return python


def main(versions: list[str]) -> int:
    """Run the tests with each version; the exit code tells how many failed."""
    failed = 0
    for version in versions or VERSIONS:
        with tempfile.TemporaryDirectory() as name:
            kernel = venv(Path(name), version)
            print(f"ipykernel {version}", flush=True)  # noqa: T201  # a command
            command = [sys.executable, "-m", "pytest", "-q", str(Path(__file__).parent)]
            failed += bool(
                subprocess.run(command, env=os.environ | {"COINEX_KERNEL": str(kernel)}, check=False).returncode
            )
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
