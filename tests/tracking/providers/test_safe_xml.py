"""XML is read as plain values, and what makes it dangerous is refused."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.waybill.tracking.providers.base import ProviderUnavailable
from custom_components.waybill.tracking.providers.safe_xml import LONGEST, read

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [
  <!ENTITY lol "lol">
  <!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
  <!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">
  <!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">
  <!ENTITY lol4 "&lol3;&lol3;&lol3;&lol3;&lol3;&lol3;&lol3;&lol3;&lol3;&lol3;">
  <!ENTITY lol5 "&lol4;&lol4;&lol4;&lol4;&lol4;&lol4;&lol4;&lol4;&lol4;&lol4;">
  <!ENTITY lol6 "&lol5;&lol5;&lol5;&lol5;&lol5;&lol5;&lol5;&lol5;&lol5;&lol5;">
  <!ENTITY lol7 "&lol6;&lol6;&lol6;&lol6;&lol6;&lol6;&lol6;&lol6;&lol6;&lol6;">
]>
<parcel>&lol7;</parcel>"""
EXTERNAL_ENTITY = b"""<!DOCTYPE parcel [<!ENTITY file SYSTEM "file:///etc/hostname">]>
<parcel>&file;</parcel>"""
EXTERNAL_DTD = b"""<!DOCTYPE parcel SYSTEM "http://127.0.0.1:9/parcel.dtd">
<parcel>text</parcel>"""
PARAMETER_ENTITY = b"""<!DOCTYPE parcel [
  <!ENTITY % there SYSTEM "http://127.0.0.1:9/there.dtd"> %there;
]>
<parcel>text</parcel>"""


def test_elements_become_mappings_and_text() -> None:
    body = (
        b'<p:parcel xmlns:p="urn:parcels" id="4711"><!-- a remark -->'
        b"<number>1</number><number>2</number><empty/>"
        b"<scans><scan><code>A</code></scan><scan>B&amp;B &#233;</scan></scans>"
        b"</p:parcel>"
    )
    assert read(body, {"scan"}) == (
        "parcel",
        {"number": "1", "empty": "", "scans": {"scan": [{"code": "A"}, "B&B é"]}},
    )


def test_a_single_one_of_a_list_is_a_list() -> None:
    assert read(b"<a><b>1</b></a>", {"b"}) == ("a", {"b": ["1"]})


@pytest.mark.parametrize(
    "body",
    [BILLION_LAUGHS, EXTERNAL_ENTITY, EXTERNAL_DTD, PARAMETER_ENTITY],
    ids=["billion laughs", "external entity", "external DTD", "parameter entity"],
)
def test_dangerous_xml_is_refused(body: bytes) -> None:
    with pytest.raises(ProviderUnavailable, match=r"Forbidden\)$"):
        read(body, ())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0" * 100,
        b"plain text",
        b'{"shipments": []}',
        b"<a><b></a>",
        b"<a>",
        b"<a>\xff</a>",
        b"<a>&unknown;</a>",
        b"<!DOCTYPE html><html></html>",
        b"<?xml version='1.0' encoding='utf-99'?><a/>",
        b"<?xml version='1.0' encoding='utf-7'?><a/>",
        b"<?xml version='1.0' encoding='idna'?><a/>",
        b"<a>" * 100_000,
    ],
)
def test_what_is_no_xml_is_no_answer(body: bytes) -> None:
    with pytest.raises(ProviderUnavailable):
        read(body, ())


def test_what_went_wrong_is_told_without_what_was_sent() -> None:
    with pytest.raises(ProviderUnavailable) as error:
        read(b"<a>RB000000013CN</b>", ())
    assert str(error.value) == "answer is not XML (ParseError)"
    assert error.value.__suppress_context__


def test_a_huge_body_is_not_even_read() -> None:
    filler = b"x" * (LONGEST - len(b"<a></a>"))
    assert read(b"<a>" + filler + b"</a>", ())[0] == "a"
    with pytest.raises(ProviderUnavailable, match="too long"):
        read(b"<a>" + filler + b"x</a>", ())


def test_what_lies_deep_is_passed_over() -> None:
    depth = 50_000
    name, tree = read(b"<a>" * depth + b"text" + b"</a>" * depth, ())
    assert name == "a"
    levels = 0
    while isinstance(tree, dict):
        tree = tree["a"]
        levels += 1
    assert (levels, tree) == (8, "")


@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_xml_or_a_documented_error(body: bytes) -> None:
    for sent in (body, b"<a>" + body + b"</a>"):
        try:
            read(sent, {"b"})
        except ProviderUnavailable:
            continue
