"""A record's line gives back the body to the byte, whatever came."""

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import example, given, settings

from coinex_pandas.archive.raw.records import Record, line_of, record_of
from tests.profiles import cases

FACTS = st.dictionaries(st.sampled_from(["url", "status", "conn", "wire"]), st.text(max_size=9) | st.integers(0, 9**9))


@given(body=st.binary(max_size=80) | st.text(max_size=40).map(str.encode), facts=FACTS)
@example(body=b"", facts={})
@example(body=b'{"a": "\xff"}', facts={})
@example(body=b'{"a":1}\n', facts={})
@example(body=b"[1,\r2]", facts={})
@example(body=b'{"code":0,"body":{"body":1}}', facts={"url": ',"body":'})
@example(body=b"[" * 100_000 + b"]" * 100_000, facts={})
@example(body=b"NaN", facts={})
@settings(max_examples=cases(300))
def test_body_comes_back_to_the_byte(body, facts):
    """One line of JSON holds it, and gives it back."""
    record = Record("http", 1_798_761_600_000_000_001, body, facts)
    line = line_of(record)
    assert 1 == line.count(b"\n")
    assert record == record_of(line)
    if len(body) < 1000:
        assert "http" == msgspec.json.decode(line)["kind"]


def test_json_stands_there_as_it_came():
    """Numbers keep their digits and spaces stay: nothing was read and written again."""
    body = b'{"code": 0, "price":"1.10", "last":1.10000000000000000001}'
    assert line_of(Record("http", 5, body, {"status": 200})).endswith(b',"status":200,"body":' + body + b"}\n")


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"kind":"http"}\n', b'{"kind":"http","t":1,"body":1', b'{"kind,"body":1}']
)
def test_what_is_no_record_is_refused(line):
    """A line that was cut is an error."""
    with pytest.raises(ValueError):  # json's own errors are of this kind
        record_of(line)
