"""What a body says of one number, with nothing about anybody else."""

from copy import deepcopy
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.waybill.tracking.providers.excerpts import excerpts
from tests.fuzz.bodies import ANSWERS, Body
from tests.fuzz.spoiling import paths, put
from tests.fuzz.test_answers import REAL, fetched
from tests.fuzz.values import json_values

from .fixtures import answer_of, body_of

MINE, THEIRS, STRANGERS = "RB000000013CN", "RB000000027CN", "RB000000035CN"


def told(document: Any, *asked: str) -> dict[str, Any]:
    """Return the excerpts of a document, read."""
    found = excerpts(json.dumps(document).encode(), {n: (n,) for n in asked})
    return {number: json.loads(excerpt) for number, excerpt in found.items()}


def row(number: str, **fields: Any) -> dict[str, Any]:
    """Return what a list says of a parcel."""
    return {"number": number, "events": [{"at": f"scan of {number}"}], **fields}


def test_an_answer_about_one_number_is_kept_to_the_byte() -> None:
    body = (
        b'{ "number" : "rb 000 000 013 cn",\n "weight": 1.50, "events": [{"at": 1}] }'
    )
    assert excerpts(body, {MINE: (MINE,)}) == {MINE: body}


def test_a_batch_is_parted() -> None:
    body = {"ok": True, "rows": [row(MINE), row(THEIRS)], "note": "two"}
    assert told(body, MINE, THEIRS) == {
        MINE: {"ok": True, "rows": [row(MINE)], "note": "two"},
        THEIRS: {"ok": True, "rows": [row(THEIRS)], "note": "two"},
    }


def test_a_feed_tells_of_those_whom_nobody_asked_about_too() -> None:
    body = {"rows": [row(STRANGERS), row(MINE)], "archived": [row(STRANGERS)]}
    assert told(body, MINE) == {MINE: {"rows": [row(MINE)], "archived": []}}


def test_of_two_lists_each_is_parted() -> None:
    body = {"accepted": [row(MINE)], "rejected": [row(THEIRS, error=1)]}
    assert told(body, MINE, THEIRS) == {
        MINE: {"accepted": [row(MINE)], "rejected": []},
        THEIRS: {"accepted": [], "rejected": [row(THEIRS, error=1)]},
    }


def test_a_parcel_may_name_the_number_that_it_goes_on_under() -> None:
    mine = {"next": THEIRS, **row(MINE)}
    body = {"rows": [mine, row(THEIRS), row(STRANGERS)]}
    assert told(body, MINE, THEIRS, STRANGERS) == {
        MINE: {"rows": [mine]},
        THEIRS: {"rows": [row(THEIRS)]},
        STRANGERS: {"rows": [row(STRANGERS)]},
    }


def test_most_rows_tell_where_a_row_has_its_own_number() -> None:
    mine, theirs = ({"id": {"number": number}} for number in (MINE, THEIRS))
    mine["next"] = THEIRS
    assert told([mine, theirs], MINE, THEIRS) == {MINE: [mine], THEIRS: [theirs]}


def test_a_lone_row_has_its_own_number_where_it_is_nearest() -> None:
    mine = {"next": {"number": THEIRS}, "number": MINE}
    assert told([mine], MINE, THEIRS) == {MINE: [mine]}


def test_a_row_about_several_is_left_out_of_a_document_about_one() -> None:
    body = {"number": MINE, "rows": [{"of": [MINE, THEIRS], "at": 1}]}
    assert told(body, MINE, THEIRS) == {MINE: {"number": MINE, "rows": []}}


def test_what_a_parcel_says_of_its_scans_stays_whole() -> None:
    scans = [{"of": MINE, "at": 1}, {"of": THEIRS, "at": 2}, {"at": 3}]
    body = {"rows": [{"id": {"number": MINE}, "scans": scans}]}
    assert told(body, MINE) == {MINE: body}


def test_of_the_pieces_of_a_shipment_one_stays() -> None:
    body = {
        "shipments": [
            {
                "shipment": "12345678901SE",
                "pieces": [row(MINE), row(STRANGERS)],
                "scans": [{"at": 1}],
            }
        ]
    }
    expected = deepcopy(body)
    expected["shipments"][0]["pieces"] = [row(MINE)]
    assert told(body, MINE) == {MINE: expected}


def test_a_document_about_a_number_keeps_its_scans_where_a_list_names_it_again() -> (
    None
):
    body = {"number": MINE, "also": [MINE, STRANGERS], "scans": [{"at": 1}]}
    assert told(body, MINE) == {MINE: {**body, "also": [MINE]}}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"number": MINE, "rows": [row(THEIRS)]}, id="about another"),
        pytest.param({MINE: row(MINE), THEIRS: row(THEIRS)}, id="in no list"),
        pytest.param({"rows": [{"of": [MINE, THEIRS], "at": 1}]}, id="about both"),
        pytest.param({"rows": [{"at": 1}]}, id="about nobody"),
        pytest.param([], id="empty"),
        pytest.param(None, id="nothing"),
        pytest.param(f"{MINE}, {THEIRS}", id="a text"),
    ],
)
def test_what_cannot_be_told_apart_is_not_kept(body: Any) -> None:
    assert THEIRS not in str(told(body, MINE, THEIRS).get(MINE))
    assert MINE not in str(told(body, MINE, THEIRS).get(THEIRS))


def test_what_is_no_json_is_kept_where_it_is_about_one_number() -> None:
    body = body_of("canada_post", "cleared_and_delivered.xml")
    assert excerpts(body, {MINE: (MINE,)}) == {MINE: body}
    assert excerpts(body, {MINE: (MINE,), THEIRS: (THEIRS,)}) == {}


def test_a_number_may_be_written_otherwise() -> None:
    body = json.dumps([{"id": 340434}, {"id": 7}]).encode()
    asked = {"00340434": ("00340434", "340434")}
    assert excerpts(body, asked) == {"00340434": b'[{"id": 340434}]'}


def test_half_a_character_is_written_as_it_came() -> None:
    (excerpt,) = excerpts(
        json.dumps([row(MINE, text="\ud800é"), row(THEIRS)]).encode(), {MINE: (MINE,)}
    ).values()
    assert json.loads(excerpt.decode("utf-8")) == [row(MINE, text="\ud800é")]


def test_a_deep_document_is_not_kept() -> None:
    deep = b'[{"number":"RB000000013CN"},' + b'{"a":[' * 900 + b"]}" * 900 + b"]"
    asked = {MINE: (MINE,), THEIRS: (THEIRS,)}
    assert set(excerpts(deep, asked)) <= {MINE}
    deeper = b'{"a":' * 3000 + b'"RB000000013CN"' + b"}" * 3000
    assert set(excerpts(deeper, asked)) <= {MINE}


@given(body=json_values, number=st.text(max_size=20))
@settings(max_examples=200, deadline=None)
def test_any_json_has_excerpts(body: Any, number: str) -> None:
    try:
        raw = json.dumps(body).encode()
    except ValueError:
        return
    for asked in ({number: (number,)}, {number: (number,), MINE: (MINE,)}):
        assert excerpts(raw, asked).keys() <= asked.keys()


@given(raw=st.binary(max_size=60))
def test_any_bytes_have_excerpts(raw: bytes) -> None:
    assert excerpts(raw, {MINE: (MINE,), THEIRS: (THEIRS,)}).keys() <= {MINE, THEIRS}


@given(
    rows=st.lists(
        st.tuples(st.sampled_from([MINE, THEIRS, STRANGERS]), json_values), max_size=6
    ),
    beside=json_values,
    wrap=st.integers(0, 2),
)
@settings(max_examples=200, deadline=None)
def test_no_row_of_a_batch_is_kept_for_another(
    rows: list[tuple[str, Any]], beside: Any, wrap: int
) -> None:
    body: Any = [
        {"number": number, "secret": f"of {number}", "more": more}
        for number, more in rows
    ]
    for _ in range(wrap):
        body = {"data": body, "beside": beside}
    try:
        json.dumps(body)
    except ValueError:
        return
    found = told(body, MINE, THEIRS)
    assert found.keys() == {n for n, _ in rows} & {MINE, THEIRS}
    for number, excerpt in found.items():
        kept = excerpt
        for _ in range(wrap):
            kept = kept["data"]
        assert [r["secret"] for r in kept] == [
            f"of {number}" for n, _ in rows if n == number
        ]


BATCHES = [
    pytest.param(provider, name, path, key, id=provider)
    for provider, name, path, key in (
        ("cainiao", "delivered_at_the_door", ("module",), "mailNo"),
        ("seventeentrack", "two_carriers", ("data", "accepted"), "number"),
        ("nova_post", "several", ("data",), "Number"),
        ("parcel_app", "recent", ("deliveries",), "tracking_number"),
        ("aftership", "handed_over", ("data", "trackings"), "tracking_number"),
    )
]


@pytest.mark.parametrize(("provider", "name", "path", "key"), BATCHES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_real_batch_with_anything_in_it_tells_nobody_of_another(
    provider: str, name: str, path: tuple[str, ...], key: str, data: st.DataObject
) -> None:
    body = answer_of(provider, name)
    rows = body
    for step in path:
        rows = rows[step]
    first = deepcopy(rows[0])
    mine = data.draw(st.sampled_from(paths(first)).map(lambda p: p or (key,)))
    changed = put(first, mine, data.draw(json_values)) | {key: MINE}
    theirs = json.loads(json.dumps(rows[0])) | {key: THEIRS, "whose": "theirs"}
    rows[:] = data.draw(st.permutations([changed, theirs, {key: STRANGERS}]))
    try:
        found = excerpts(json.dumps(body).encode(), {n: (n,) for n in (MINE, THEIRS)})
    except ValueError:
        return
    assert b"theirs" not in found[MINE]
    assert MINE.encode() not in found[THEIRS]
    assert all(STRANGERS.encode() not in excerpt for excerpt in found.values())


REAL_ONES = [
    pytest.param(body, number, id=f"{body.provider} {body.name} {number}")
    for body in ANSWERS
    if body.is_json
    # Some name no number at all.
    for number, journal in REAL[id(body)][1].items()
    if number.encode() in body.content and any(t.events for t in journal.tracks)
]


@pytest.mark.parametrize(("body", "number"), REAL_ONES)
def test_an_excerpt_says_of_its_number_what_the_whole_answer_says(
    body: Body, number: str
) -> None:
    spellings = (number, number + "Y", number.lstrip("0"))
    excerpt = excerpts(body.content, {number: spellings})[number]
    whole = fetched(body.provider, [number], body.content)
    assert fetched(body.provider, [number], excerpt) == whole
    assert any(answer.events for answer in whole)
