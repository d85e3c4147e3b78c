"""The front door: what is public, that nothing else is, and what coming in costs."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
import types

import pytest

import coinex_pandas as cx
from coinex_pandas import errors
from tests.golden import samples

MODULES = {
    found.name: importlib.import_module(found.name)
    for found in pkgutil.walk_packages(cx.__path__, "coinex_pandas.")
    if not found.name.endswith("__main__")
}
AREAS = {getattr(cx, name).__module__ for name in cx.ROUTES}
HEAVY = ("matplotlib", "aiohttp", "picows", "ipywidgets", "anywidget", "traitlets", "tqdm", "nbformat", "IPython")


def functions(area):
    """Return the functions that an area file offers; some offer the words that a parameter takes, too."""
    return [name for name in MODULES[area].__all__ if inspect.isfunction(getattr(MODULES[area], name))]


def test_public_names_are_unique():
    """The one list of public names has each name once."""
    assert len(set(cx.__all__)) == len(cx.__all__)


def test_market_data_comes_first():
    """The list begins with what people look for first, and ends with the errors."""
    assert ("futures_tickers" in cx.__all__[:20], "OutcomeUnknown" in cx.__all__[-40:]) == (True, True)


def test_completion_shows_the_list_and_nothing_else():
    """What Tab offers after ``cx.`` is the list of public names and the version."""
    assert sorted([*cx.__all__, "__version__"]) == dir(cx)


@pytest.mark.parametrize("name", cx.__all__)
def test_every_public_name_is_there(name):
    """Each listed name can be had, and none of them is private."""
    assert getattr(cx, name) is not None
    assert not name.startswith("_")


def test_every_function_and_error_is_public():
    """All endpoints, all errors and all that the areas list are at the front door."""
    assert set(cx.ROUTES) <= set(cx.__all__)
    assert set(errors.__all__) <= set(cx.__all__)
    assert {name for area in AREAS for name in functions(area)} <= set(cx.__all__)


def test_every_function_of_the_areas_is_an_endpoint():
    """Of functions an area file offers endpoints only, and each endpoint stands in one."""
    assert sorted(cx.ROUTES) == sorted(name for area in AREAS for name in functions(area))


@pytest.mark.parametrize("name", MODULES)
def test_every_module_lists_what_it_offers(name):
    """A module's own list has nothing private and nothing that is not there."""
    module = MODULES[name]
    offered = getattr(module, "__all__", [])
    assert [] == [each for each in offered if each.startswith("_") or not hasattr(module, each)]


def test_nothing_else_leaks():
    """Whatever else the package holds is private or one of its own modules."""
    others = {name: value for name, value in vars(cx).items() if name not in cx.__all__ and not name.startswith("_")}
    assert [] == [name for name, value in others.items() if not isinstance(value, types.ModuleType)]
    assert [] == [name for name, value in others.items() if value.__name__ != f"coinex_pandas.{name}"]


@pytest.mark.parametrize("name", ["live", "plot", "futures_deals", "deposits", "sandbox", "options"])
def test_the_first_name_used_is_the_public_one(name):
    """In a fresh interpreter a name means the same, whichever of them is used first."""
    code = f"import coinex_pandas as cx; first = cx.{name}; cx.ROUTES; assert first is cx.{name}; print(type(first))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert str(type(getattr(cx, name))) == done.stdout.strip()


def test_completion_finds_the_areas():
    """Typing cx.futures_ and pressing Tab finds every futures function."""
    assert {name for name in cx.ROUTES if name.startswith("futures_")} == {
        name for name in dir(cx) if name.startswith("futures_")
    }


def test_import_is_light():
    """A fresh interpreter that imports the package has loaded no heavy library, and was warned of nothing."""
    program = f"import sys, coinex_pandas; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert ("[]", "") == (done.stdout.strip(), done.stderr)


def test_import_starts_nothing():
    """A fresh interpreter that imports the package has one thread, and has opened no connection."""
    program = (
        "import sys, threading\n"
        "sys.addaudithook(lambda event, args: event.startswith('socket.connect') and sys.exit(event))\n"
        "import coinex_pandas\n"
        "print(threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "1" == done.stdout.strip()


@pytest.mark.parametrize("name", cx.ROUTES)
def test_misspelt_keyword_names_the_function(name):
    """A keyword that does not exist is refused at once, and nothing is sent."""
    with pytest.raises(TypeError, match=rf"{name}\(\).*'markt'"):
        getattr(cx, name)(markt="BTCUSDT")


@pytest.mark.parametrize(("setting", "value"), [("numbrs", 1), ("numbers", "floats"), ("progress", "yes")])
def test_misspelt_option_is_an_error(setting, value):
    """A setting that does not exist, or a value that it does not take, is refused by name."""
    with pytest.raises(cx.InvalidArgument, match=setting):
        setattr(cx.options, setting, value)
    assert ("float", None) == (cx.options.numbers, cx.options.progress)


@pytest.mark.parametrize("name", [name for name in cx.ROUTES if name not in ("ping", "server_time", "maintenances")])
def test_misspelt_numbers_are_an_error(name, still):
    """Every table refuses a form of numbers that does not exist, and a verb does nothing first."""
    call, before = samples.sample(name)["call"], still.server.requests
    with pytest.raises(cx.InvalidArgument, match="numbers"):
        getattr(cx, name)(*call["args"], **call["kwargs"], numbers="floats", session=still.session)
    assert before == still.server.requests


def test_the_sandbox_names_its_faults():
    """`cx.sandbox?` lists every fault there is."""
    from coinex_pandas.simulator.faults import FAULTS

    assert [] == [name for name in FAULTS if f"``{name}``" not in cx.sandbox.__doc__]
