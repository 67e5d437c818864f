"""Values that no documentation speaks of, where a document has others."""

from typing import Any, Final

from hypothesis import strategies as st

DEPTH: Final = 20_000
"""Levels of what is nested deeply: more than any reader can follow one by one."""
_STANDS_FOR: Final = {
    "@deep list@": b"[" * DEPTH + b"]" * DEPTH,
    "@deep object@": b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
    "@many digits@": b"9" * 10_000,
    "@digits that Python prints@": b"9" * 4000,
    "@negative@": b"-" + b"9" * 400,
    "@huge power@": b"1e999999",
    "@nan@": b"NaN",
    "@infinity@": b"-Infinity",
    "@long text@": b'"' + b"x" * 1_000_000 + b'"',
    "@long markup@": b'"' + b"&lt;<" * 50_000 + b'"',
    "@huge list@": b"[" + b"{}," * 10_000 + b"0]",
    "@half a character@": rb'"\ud800 \udfff"',
    "@nul@": rb'"\u0000\u0007\u001b[31m"',
}

DATES: Final = (
    "0000-00-00",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "9999-12-31 23:59:59",
    "9999-12-31",
    "9999-12-29T12:00:00",
    "9999-12-29T12:00:00+00:00",
    "9999-12-29",
    "0001-01-03T12:00:00Z",
    "0001-01-03",
    "1969-12-31T23:59:59Z",
    "2026-02-30 00:00:00",
    "2016-12-31T23:59:60Z",
    "2026-06-10T24:00:00",
    "2026-06-10T12:00:00+99:99",
    "2026-06-10T12:00:00+23:59:59.999999",
    "2026-W24-3T12:00:00",
    "20260610T120000Z",
    "10/06/99999",
    "31.12.9999 23:59",
    "GMT+14",
    "GMT+99",
    "-18019902",
    "T00:00",
    "٢٠٢٦-٠٦-١٠T١٢:٠٠:٠٠",
)
_NUMBERS: Final = (
    0,
    -1,
    -(10**30),
    253402300799,
    253402300799999,
    -62135596800000,
    2**31,
    2**63,
    10**300,
    1e308,
    -0.0,
    1.5,
)
_TEXTS: Final = (
    "",
    " ",
    "\0",
    "\ud800",
    "\u202e\u2066gnirts",
    "【】[]()",
    "x" * 5000,
    "<" * 3000,
    "&#x110000;" * 50,
    "&amp;" * 2000,
    "[" * 600,
    "delivered " * 60,
    "delivered to the parcel locker, picked up by",
    "<script>alert(1)</script>",
    "{{ states('sensor.x') }}",
    "../../../etc/passwd",
    "=HYPERLINK(1)",
    "İıßﬀŉ",
    "Z͑ͫ̓a̴l̶g̵o̷" * 20,
    "LP00730000000028",
    "9400111206619004520717",
)

texts: st.SearchStrategy[str] = st.text(
    st.characters(codec=None, categories=None)
    | st.sampled_from("\ud800\u202e\0[]【<&"),
    max_size=60,
)
leaves: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts,
    st.sampled_from(DATES),
    st.sampled_from(_NUMBERS),
    st.sampled_from(_TEXTS),
    st.sampled_from(sorted(_STANDS_FOR)),
)
json_values: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=12,
)


def filled_in(text: bytes) -> bytes:
    """Return a JSON text with what stands for something larger or stranger."""
    if b'"@' in text:
        for short, long in _STANDS_FOR.items():
            text = text.replace(b'"%s"' % short.encode(), long)
    return text
