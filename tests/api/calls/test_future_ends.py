"""Every function that takes a range: an end in the future changes nothing, and costs hardly a request."""

import inspect

import pytest

import coinex_pandas as cx
from tests.api.lived_in import BTC, READS, SUBS

ARGUMENTS = {
    "market": BTC,
    "period": "1h",
    "sub_user_name": SUBS[0],
}
ENDS = ["2026-07-11 08:30", "2031-05-04"]


def functions():
    """Return the names of the functions that take a range."""
    return [name for name in cx.ROUTES if "end" in inspect.signature(getattr(cx, name)).parameters]


def arguments_of(name):
    """Return what a function needs beside its range."""
    parameters = inspect.signature(getattr(cx, name)).parameters.values()
    needed = [each.name for each in parameters if each.default is each.empty]
    return {each: ARGUMENTS[each] for each in needed} | READS.get(name, [((), {})])[0][1]


@pytest.mark.usefixtures("unpaced")
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", functions())
def test_an_end_in_the_future_is_no_end(lived_in, name, end):
    """The same rows, and one request more at the most."""
    function, session = getattr(cx, name), lived_in.exchange.session
    without = function(**arguments_of(name), session=session)
    frame = function(**arguments_of(name), end=end, session=session)
    assert without.equals(frame)
    requests = [each.attrs["coinex"]["request"]["requests"] for each in (without, frame)]
    assert requests[0] + 1 >= requests[1]
    assert frame.attrs["coinex"]["complete"]
