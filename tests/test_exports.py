"""The front door: what is public, that nothing else is, and what coming in costs."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
import types

import pytest
from golden import samples

import coinex_pandas as cx
from coinex_pandas import errors

MODULES = {
    found.name: importlib.import_module(f"coinex_pandas.{found.name}") for found in pkgutil.iter_modules(cx.__path__)
}
AREAS = {getattr(cx, name).__module__.removeprefix("coinex_pandas.") for name in cx.ROUTES}
HEAVY = ("matplotlib", "aiohttp", "picows", "ipywidgets", "anywidget", "traitlets", "tqdm", "nbformat", "IPython")


def functions(area):
    """Return the functions that an area file offers; some offer the words that a parameter takes, too."""
    return [name for name in MODULES[area].__all__ if inspect.isfunction(getattr(MODULES[area], name))]


def rank(name):
    """Sort constants first, then classes, then the rest, as the linter does."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_public_names_are_sorted_and_unique():
    """The one list of public names is in order, each name once."""
    assert sorted(set(cx.__all__), key=rank) == cx.__all__


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


def test_the_first_name_used_is_the_public_one():
    """In a fresh interpreter a name that a module has, too, or one of any area, is what it is later on."""
    names = [*cx._SHARED, *(functions(area)[0] for area in sorted(AREAS))]
    code = (
        "import sys, types, importlib\n"
        f"for name in {names!r}:\n"
        "    for loaded in [each for each in sys.modules if each.startswith('coinex_pandas')]:\n"
        "        del sys.modules[loaded]\n"
        "    found = getattr(importlib.import_module('coinex_pandas'), name)\n"
        "    assert not isinstance(found, types.ModuleType), name\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)  # the accessor is registered again


def test_the_names_that_modules_share_are_known():
    """The package keeps a list of them: that of the public names that modules have, too, namespaces aside."""
    rooms = {"live", "plot"}  # these modules are what is public
    assert tuple(sorted((set(cx.__all__) & set(MODULES)) - rooms)) == cx._SHARED


@pytest.mark.parametrize("name", cx._SHARED)
def test_names_that_modules_share_mean_the_public_thing(name):
    """Where a module has the same name, the front door gives the function or setting."""
    assert not isinstance(getattr(cx, name), types.ModuleType)


def test_completion_finds_the_areas():
    """Typing cx.futures_ and pressing Tab finds every futures function."""
    assert {name for name in cx.ROUTES if name.startswith("futures_")} == {
        name for name in dir(cx) if name.startswith("futures_") and not isinstance(getattr(cx, name), types.ModuleType)
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
    from coinex_pandas.sandbox.faults import FAULTS

    assert [] == [name for name in FAULTS if f"``{name}``" not in cx.sandbox.__doc__]
