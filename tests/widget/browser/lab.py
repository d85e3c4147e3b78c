"""JupyterLab on this machine only, and a notebook in it that a headless Chromium drives."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",  # in a container there is none to be had
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing leaves this machine
]
TOKEN = "only-for-this-test"
VIEW = ".coinex-live"
ROWS = f"{VIEW} .coinex-block .coinex-row"


def missing() -> str | None:
    """Say what a browser test lacks here; None when all is there."""
    libraries = [name for name in ("playwright", "jupyterlab", "anywidget") if find_spec(name) is None]
    if libraries:
        return f"not installed: {', '.join(libraries)}"
    return None if Path(CHROMIUM).exists() else "no chromium on this machine (Debian: apt-get install chromium)"


@contextmanager
def serve(folder: Path, kernel: str = sys.executable) -> Iterator[str]:
    """Run JupyterLab in a folder; its kernels run `kernel`, and can import what is beside this file."""
    _write_settings(folder, kernel)
    places = {f"JUPYTER_{name}_DIR": str(folder / "jupyter" / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    settings = {"JUPYTERLAB_SETTINGS_DIR": str(folder / "jupyter" / "settings"), "JUPYTER_PLATFORM_DIRS": "1"}
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser", "--allow-root"]
    command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={folder}"]
    command += [f"--IdentityProvider.token={TOKEN}", "--LabApp.extension_manager=readonly", "--LabApp.news_url="]
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | places | settings | {"PYTHONPATH": path},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _address(folder / "jupyter" / "runtime", server, folder / "lab.log")
        finally:
            server.terminate()
            server.wait(timeout=200)


def _write_settings(folder: Path, kernel: str) -> None:
    """Lab asks nobody for news, and the kernel is the one named."""
    spec = {"argv": [kernel, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "test"}
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    for path, content in {
        "data/kernels/test/kernel.json": spec | {"language": "python"},
        "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings": quiet,
    }.items():
        target = folder / "jupyter" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(content))


def _address(runtime: Path, server: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + 200
    while time.monotonic() < end and server.poll() is None:
        for found in runtime.glob("jpserver-*.json"):
            # the file is made before it is filled
            if text := found.read_text():
                return str(json.loads(text)["url"])
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
        yield browser
        browser.close()


class Notebook:
    """One notebook, open in one page."""

    def __init__(self, page: Page, address: str, folder: Path, name: str, cells: list[str]) -> None:
        self.page = page
        self.flag = folder / "flag"
        self._name = f"{name}.ipynb"
        kernel = {"kernelspec": {"name": "test", "display_name": "test", "language": "python"}}
        import nbformat  # it takes a second, which no collection need wait for

        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata=kernel)
        nbformat.write(book, folder / self._name)
        page.goto(f"{address}lab/tree/{self._name}?token={TOKEN}")
        self.ready()

    def ready(self) -> None:
        """Wait until the notebook is open and its kernel answers."""
        self.page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.sessionContext", timeout=200_000)
        self.page.evaluate(
            "async () => { await jupyterapp.restored; const panel = jupyterapp.shell.currentWidget;"
            " await panel.context.ready; await panel.sessionContext.ready;"
            " await panel.sessionContext.session?.kernel?.info; }"
        )

    def front(self) -> None:
        """Bring the notebook before any other tab."""
        self.page.evaluate(
            """name => {
                const found = [...jupyterapp.shell.widgets("main")].find(one => one.context?.path === name);
                if (jupyterapp.shell.currentWidget !== found) jupyterapp.shell.activateById(found.id);
            }""",
            self._name,
        )
        self.page.wait_for_function("name => jupyterapp.shell.currentWidget?.context?.path === name", arg=self._name)

    def hide(self) -> None:
        """Put another tab before the notebook; for some seconds after a reload JupyterLab brings the notebook back."""
        self.command("launcher:create")
        stays = 0
        while stays < 10:
            self.page.wait_for_timeout(150)
            stays = 0 if self.page.locator(VIEW).is_visible() else stays + 1
            if not stays:
                self.command("launcher:create")

    def run(self, code: str, *, cell: int = 0, wait: bool = True) -> str:
        """Write and run a cell; return what it printed, if asked to wait."""
        begin = """async ([cell, code]) => {
            const content = jupyterapp.shell.currentWidget.content;
            content.activeCellIndex = cell;
            content.widgets[cell].model.sharedModel.setSource(code);
            %s jupyterapp.commands.execute('notebook:run-cell');
        }"""
        self.page.evaluate(begin % ("await" if wait else ""), [cell, code])
        return self.output(cell) if wait else ""

    def ask_kernel(self, code: str) -> str:
        """Run code in the notebook's kernel without the notebook, which may be hidden; return what it printed."""
        return str(
            self.page.evaluate(
                """async code => {
                    const model = jupyterapp.serviceManager.sessions.running().next().value.kernel;
                    const kernel = jupyterapp.serviceManager.kernels.connectTo({ model });
                    const execution = kernel.requestExecute({ code });
                    let text = "";
                    execution.onIOPub = message => { text += message.content.text ?? ""; };
                    await execution.done;
                    kernel.dispose();
                    return text;
                }""",
                code,
            )
        ).strip()

    def output(self, cell: int = 0) -> str:
        """Return the text that a cell has put out."""
        return str(
            self.page.evaluate(
                """cell => jupyterapp.shell.currentWidget.content.widgets[cell].model.outputs.toJSON()
                    .map(one => [one.text ?? one.data?.["text/plain"] ?? one.traceback].flat().join("")).join("")""",
                cell,
            )
        ).strip()

    def raise_flag(self) -> None:
        """Let code go on that waits for a file named flag."""
        self.flag.touch()

    def lower_flag(self) -> None:
        """Let code wait again."""
        self.flag.unlink(missing_ok=True)

    def command(self, name: str, **arguments: Any) -> None:
        """Run one of JupyterLab's commands."""
        self.page.evaluate(
            "async ([name, args]) => { await jupyterapp.commands.execute(name, args); }", [name, arguments]
        )

    def texts(self, selector: str = ROWS) -> list[str]:
        """Return the texts of the elements, newest first."""
        return [text.replace("\n", " ") for text in self.page.locator(selector).all_inner_texts()]

    def column(self, number: int) -> list[str]:
        """Return the texts of one column, newest first; holes have none."""
        return self.texts(f"{ROWS} > span:nth-child({number})")

    def line(self) -> str:
        """Return the status line."""
        return self.page.locator(f"{VIEW} .coinex-line").inner_text().replace("\n", " ")

    def press(self, label: str) -> None:
        """Press a button of the view."""
        self.page.locator(".jupyter-button", has_text=label).click()

    def select(self, label: str, option: str) -> None:
        """Choose in one of the view's lists."""
        self.page.get_by_label(label, exact=True).select_option(option)

    def until(self, true: Callable[[], object], seconds: float = 100) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"not within {seconds} s; the view says: {self.texts(VIEW)}"
            self.page.wait_for_timeout(50)

    def shot(self, path: Path) -> None:
        """Keep a picture of the page."""
        self.page.screenshot(path=str(path))
