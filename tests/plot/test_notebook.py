"""Plots in a real kernel: shown under the cell, and gone afterwards."""

from tests.paths import ROOT

SETUP = """
from tests.plot import frames
from coinex_pandas import plot
"""


def run(*cells):
    """Run cells in one fresh kernel and return the outputs of each."""
    import nbformat  # it takes a second, which no collection need wait for
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (SETUP, *cells)])
    here = {"metadata": {"path": str(ROOT)}}
    NotebookClient(notebook, timeout=600, startup_timeout=600, kernel_name="python3", resources=here).execute()
    return [cell.outputs for cell in notebook.cells[1:]]


def images(outputs):
    """How many pictures a cell shows."""
    return sum("image/png" in output.get("data", {}) for output in outputs)


def test_a_plot_appears_once_under_its_cell():
    """A plot is shown without plt.show, once, in the middle of a cell too; no figure stays open."""
    last, middle, own, left = run(
        "plot.candles(frames.klines())",
        "ax = plot.depth(frames.depth())\nplot.funding(frames.funding_rates())\nNone",
        "from matplotlib.figure import Figure\nax = plot.candles(frames.klines(), ax=Figure().subplots())",
        "from matplotlib import pyplot as plt\nprint(plt.get_fignums())",
    )
    assert 1 == images(last)
    assert 2 == images(middle)
    assert 0 == images(own)
    assert "[]\n" == left[0]["text"]


def test_a_headless_backend_keeps_no_figure():
    """Where the user chose a backend that shows nothing, pyplot is left alone."""
    (outputs,) = run(
        "import matplotlib\nmatplotlib.use('agg')\nax = plot.candles(frames.klines())\n"
        "from matplotlib import pyplot as plt\nprint(plt.get_fignums())"
    )
    assert "[]\n" == outputs[0]["text"]


def test_a_thread_keeps_away_from_pyplot():
    """A plot drawn by another thread does not touch pyplot's figures."""
    (outputs,) = run(
        "import threading\n"
        "thread = threading.Thread(target=lambda: plot.candles(frames.klines()))\n"
        "thread.start(); thread.join()\n"
        "from matplotlib import pyplot as plt\nprint(plt.get_fignums())"
    )
    assert "[]\n" == outputs[0]["text"]
    assert 0 == images(outputs)
