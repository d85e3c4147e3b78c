"""What errors and warnings show of a text from outside: no key in any spelling, nothing long, nothing unprintable."""

import base64
import gc
import html
import json
import pickle
import time
from urllib.parse import quote

import pytest

import coinex_pandas as cx
from coinex_pandas.errors.quoting import LONGEST_QUOTE, LONGEST_TEXT, body_start, masked, quoted, short_repr, shown
from coinex_pandas.errors.refusals import refusal
from coinex_pandas.errors.warn import warn
from coinex_pandas.http.credentials import Credentials

ACCESS_ID, SECRET_KEY = "7D41C0FFEE5A4B0FA1B2C3D4E5F60718", "9f8e7d6c5b4a39281706f5e4d3c2b1a0aabbccddeeff0011"
LISTS = 'say {"key":"%s"}', "<p>%s</p>", "key=%s&x=1", "%s", "x%sx", "id:%s,", "['%s']", "\n%s\0"


@pytest.fixture
def key():
    """Return a key that lives as long as the test."""
    return Credentials(ACCESS_ID, SECRET_KEY)


def spellings(text):
    """Return the ways in which a peer may echo a text, whole and in part."""
    escaped = "".join(f"\\u{ord(each):04x}" for each in text)
    percent, entities = "".join(f"%{ord(each):02X}" for each in text), "".join(f"&#{ord(each)};" for each in text)
    whole = [text, text.upper(), text.lower(), escaped, percent, entities, escaped[:60] + text[10:]]
    return whole, [text[:14], text[-9:]]


@pytest.mark.parametrize("frame", LISTS)
def test_an_echo_is_masked_however_it_is_spelt(key, frame):
    """The access id and a signature: as they are, in other case, escaped, as a part, and amid other text."""
    for part in (ACCESS_ID, str(key.signature(b"GET/v2/x"))):
        whole, parts = spellings(part)
        for spelling in whole if frame == "x%sx" else whole + parts:  # amid letters only the whole is recognised
            text = masked(frame % spelling)
            assert "***" in text, spelling
            assert not [echo for echo in (spelling, part, part[:14], part[-9:]) if echo.lower() in text.lower()]


@pytest.mark.parametrize("frame", [frame for frame in LISTS if frame != "x%sx"])
def test_the_secret_key_is_masked_though_nobody_keeps_it(key, frame):
    """It is recognised as a word, by the HMAC that begins with it."""
    assert key
    assert "***" in masked(frame % SECRET_KEY)
    assert SECRET_KEY not in masked(frame % SECRET_KEY)


def test_errors_and_warnings_mask_by_themselves(key):
    """Text, arguments, attributes and pickles, whatever the class."""
    signature = str(key.signature(b"now"))
    echo = f"you sent {ACCESS_ID} with {signature}"
    errors = [
        cx.CoinExError(echo),
        cx.InvalidArgument(echo),
        cx.NoAnswer(echo, endpoint="GET /x", body=echo.encode(), status=502),
        cx.UnexpectedBody(echo, endpoint="GET /x", body=echo.encode()),
        cx.OutcomeUnknown(echo, endpoint="POST /x"),
        cx.NoData(echo, endpoint="GET /x"),
        *(refusal(code, echo, endpoint="GET /x", about=echo) for code in (4004, 4005, 98765)),
    ]
    for error in errors:
        said = f"{error} {error!r} {error.args} {vars(error)} {pickle.dumps(error, 0)}"
        assert "you sent *** with ***" in said
        assert not [part for part in (ACCESS_ID, signature) if part in said]
    with pytest.warns(UserWarning, match=r"you sent \*\*\* with \*\*\*$"):
        warn(echo, UserWarning)


def test_a_text_without_keys_is_left_as_it_is(key):
    """Ordinary words, ids and escapes stay."""
    assert key
    text = 'POST /spot/order for BTCUSDT: 100%25 of "client_id" 7d41\\u0041 is 123456789012 \\n&#65;'
    assert text == masked(text) == shown(text) == quoted(text)
    assert "x ***" == masked(f"x {ACCESS_ID}")


def test_an_amount_is_no_part_of_a_key():
    """Digits alone stay, though a key may hold them by chance; the whole key goes, of digits or not."""
    keys = Credentials("CANARY4711471147114711", SECRET_KEY), Credentials("2718281828459045", SECRET_KEY)
    assert "nearest are 0.47114711 and 12.47114711" == masked("nearest are 0.47114711 and 12.47114711")
    assert "id ***" == masked("id 2718281828459045")
    assert 2 == len(keys)


def test_a_key_is_masked_as_long_as_it_lives():
    """Nothing of it is kept for masking alone."""
    key = Credentials(ACCESS_ID, SECRET_KEY)
    assert "x ***" == masked(f"x {ACCESS_ID}")
    del key
    gc.collect()
    assert f"x {ACCESS_ID}" == masked(f"x {ACCESS_ID}")


def test_a_short_key_is_masked_as_a_word():
    """Else every text that happens to hold its letters would be spoilt; less than four letters are no key."""
    keys = Credentials("demo", "my-secret"), Credentials("id", "my-secret")
    assert "id *** demonstration" == masked("id demo demonstration")
    del keys


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("cannot reach http://anna:pa/ss@word@proxy.example:3128", "cannot reach http://***@proxy.example:3128"),
        ("Failed to parse: anna:s3cret@proxy.example:3128", "Failed to parse: ***@proxy.example:3128"),
        ("proxy 'socks5h://anna@[::1]:9'", "proxy 'socks5h://***@[::1]:9'"),
        ("write to someone@example.com", "write to someone@example.com"),
        ("at 12:30 @ home", "at 12:30 @ home"),
    ],
)
def test_logins_of_addresses_are_masked(text, clean):
    """A proxy's user name and password stand in its address."""
    assert clean == masked(text)


@pytest.mark.parametrize(
    "body",
    [
        '{"code": "x", "data": {"secret_key": "%s"}}',
        '{"apiSecret":"%s","code":1}',
        '{"memo": "two words %s", "x": 1}',
        '{"access_id": %s, "x": 1}',
        '"{\\"to_address\\": \\"%s\\"}"',
        "<sub><secret_key>%s</secret_key></sub>",
        '<r><access_id type="text">\n%s</access_id></r>',
        "<tr><td>Secret key</td><td>%s</td></tr>",
        "access_id=abc&secret_key=%s&x=1",
        "X-Coinex-Key: abc\nAPI-Secret: %s\n",
    ],
)
def test_what_stands_under_the_name_of_a_secret_is_masked(body):
    """In JSON, JSON in JSON, XML, HTML, forms and headers; the key of somebody else, too."""
    start = body_start((body % "3a5b7c9d1e2f").encode())
    assert b"***" in start
    assert b"3a5b7c9d" not in start


def test_a_utf_16_echo_is_an_echo(key):
    """Its letters have zeros between them."""
    assert key
    assert b"7D41" not in body_start(f"<p>{ACCESS_ID}</p>".encode("utf-16"))


def test_long_texts_are_cut():
    """A message of megabytes leaves 300 characters and its length; a sentence has 4,000 characters at most."""
    error = refusal(4115, "sorry " * 1_000_000, endpoint="POST /spot/order", about="BTCUSDT")
    assert LONGEST_QUOTE + 30 > len(error.message)
    assert error.message.endswith("... (5,999,999 characters)")
    assert LONGEST_QUOTE + 200 > len(str(error))
    assert LONGEST_TEXT + 30 > len(str(cx.CoinExError("x" * 3_000_000)))
    with pytest.warns(UserWarning, match=r"y\.\.\. \(3,000,000 characters\)$"):
        warn("y" * 3_000_000, UserWarning)


def test_a_key_at_the_cut_shows_no_part_of_itself(key):
    """It is masked before a text is cut."""
    assert key
    for before in range(LONGEST_QUOTE - 40, LONGEST_QUOTE + 1):
        assert "7D4" not in quoted("-" * before + ACCESS_ID + "-" * 100)
    assert "7D4" not in quoted(f"{ACCESS_ID} " * 100_000)


def test_control_characters_are_escaped():
    """A terminal obeys them: they could clear the screen or rewrite a line."""
    assert "\\x1b[2Jgone\\r\\nsmile 😀 é" == quoted("\x1b[2Jgone\r\nsmile 😀 é")


@pytest.mark.parametrize(
    "unit",
    (
        'a secret secret_key secret= "memo":" <td> <memo> %41 \\u0041 // a: x:x@ @ &#65; \' (a:b ' + ACCESS_ID[:-1]
    ).split(),
)
def test_masking_costs_little_whatever_the_text(key, unit):
    """No text makes a search look at the same characters again and again: ten megabytes in a fraction of a second."""
    assert key
    unit += " " * (len(unit) > 20)
    text = (unit * (10_000_000 // len(unit))).encode()
    start = time.process_time()
    body_start(text)
    quoted(text.decode())
    assert 2 > time.process_time() - start


def test_what_is_not_recognised_is_at_least_short(key):
    """An echo in base64 is no key any more that a search for keys would find; it is not masked, as documented here."""
    assert key
    coded = base64.b64encode(ACCESS_ID.encode()).decode()
    assert coded == masked(coded)
    assert "***" == masked(quote(ACCESS_ID)) == masked(html.escape(ACCESS_ID)) == json.loads(f'"{masked(ACCESS_ID)}"')


class Broken:
    """Something whose repr fails."""

    def __repr__(self):
        """Fail."""
        raise RuntimeError("no repr")


@pytest.mark.parametrize("value", ["by", 7, 1.5, None, True, ["A", 2], ("x",), {"a": 1}, b"ab"])
def test_a_short_argument_is_shown_as_python_writes_it(value):
    """Its own repr."""
    assert repr(value) == short_repr(value)


@pytest.mark.parametrize(
    "value", ["x" * 10_000, ["y" * 10_000], list(range(10_000)), [7**9_000], Broken(), [Broken()], b"z" * 10_000]
)
def test_any_argument_is_shown_in_a_short_text(value):
    """Long ones are cut, and what has no repr is named by its type."""
    assert 320 > len(short_repr(value))


def test_an_argument_without_a_repr_is_named_by_its_type():
    """What fails does not hide which argument is wrong."""
    assert "Broken" in short_repr(Broken())
    assert "a value of type int" == short_repr(7**9_000)
