"""A parcel that went wrong, and its dispute file."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
import json
from pathlib import Path
from typing import Any
import zlib
from zoneinfo import ZoneInfo

import custom_components.waybill
from custom_components.waybill.tracking.chain import seal
from custom_components.waybill.tracking.evidence import PhotoState, dossier
from custom_components.waybill.tracking.evidence_page import Page, page
from custom_components.waybill.tracking.journal import Journal, merge, open_journal
from custom_components.waybill.tracking.model import (
    Answer,
    Estimate,
    KeptAnswer,
    Leg,
    Milestone,
    MilestoneName,
    Photo,
    Problem,
    ProblemKind,
    RawAnswer,
    Stage,
    TrackingEvent,
)
from custom_components.waybill.tracking.parcel import About, snapshot

PARIS = ZoneInfo("Europe/Paris")
NUMBER = "LP00123456789012"
NEXT_NUMBER = "6A12345678901"
START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 7, 11, 9, 45, 1, tzinfo=UTC)
PHOTO = Photo(
    path="/media/box.jpg", sha256="ab" * 32, size=1234, media_type="image/jpeg"
)
ABOUT = About(
    name="Chaussures de Zoé",
    seller="深圳 Happy Shoes",
    order_number="8181234567890123",
    order_url="https://shop.example/order?id=8181234567890123",
    ordered_on=date(2026, 5, 29),
    expected_by=date(2026, 6, 30),
    protection_until=date(2026, 7, 20),
    postal_code="69001",
    phone_last4="4321",
    notes="a present, do not tell",
)
LINES = (
    (Stage.SHIPPED, "【深圳】快件已到达 深圳分拨中心", "深圳", "CN"),
    (Stage.IN_CUSTOMS, "Zażółć gęślą jaźń, odprawa celna", "Warszawa", "PL"),
    (Stage.CUSTOMS_CLEARED, "Посылка прошла таможню", "Москва", "RU"),
    (Stage.IN_TRANSIT, "Colis arrivé à Orléans, çà et là", "Orléans", "FR"),
)


def scan(number: int, **fields: Any) -> TrackingEvent:
    """Return one of the lines, two days after the one before it."""
    stage, words, location, country = LINES[number]
    moment = START + timedelta(days=2 * (number + 1))
    written = moment.astimezone(ZoneInfo("Asia/Shanghai"))
    return TrackingEvent(
        **{  # type: ignore[arg-type]
            "provider": "cainiao",
            "tracking_number": NUMBER,
            "code": f"CODE_{number}",
            "written_time": written.strftime("%Y-%m-%d %H:%M:%S GMT+8"),
            "time": moment,
            "local_time": written.replace(tzinfo=None),
            "stage": stage,
            "description": f"Line {number}",
            "words": words,
            "location": location,
            "country": country,
            "carrier": "cainiao",
        }
        | fields
    )


def raw(text: str) -> RawAnswer:
    """Return a raw answer."""
    body = text.encode()
    return RawAnswer(
        sha256=sha256(body).hexdigest(), size=len(body), compressed=zlib.compress(body)
    )


def take(journal: Journal, answer: Answer, at: datetime, provider: str) -> Journal:
    """Merge an answer and seal what came of it."""
    return seal(journal, merge(journal, provider, answer, at), at)


def case() -> tuple[Journal, tuple[KeptAnswer, ...]]:
    """Return the journal of a parcel, and the answers that were kept of it."""
    journal = open_journal("parcel", NUMBER, START)
    journal = seal(None, journal, START)
    kept = []
    told: list[TrackingEvent] = []
    for number in range(len(LINES)):
        told.insert(0, scan(number))
        at = START + timedelta(days=2 * (number + 1), hours=1)
        text = json.dumps([event.words for event in told], ensure_ascii=False) + "\n"
        answer = Answer(
            tracking_number=NUMBER,
            events=tuple(told),
            raw=raw(text),
            estimate=Estimate(start=date(2026, 6, 20 + number)),
            origin_country="CN",
            destination_country="FR",
            next_leg=Leg(tracking_number=NEXT_NUMBER, carrier="la_poste"),
        )
        journal = take(journal, answer, at, "cainiao")
        kept.append(
            KeptAnswer(
                sha256=raw(text).sha256,
                size=raw(text).size,
                provider="cainiao",
                tracking_number=NUMBER,
                received_at=at,
                text=text if number else None,
            )
        )
    reworded = (replace(told[0], words="Colis arrivé"), *told[1:])
    journal = take(
        journal,
        Answer(tracking_number=NUMBER, events=reworded),
        START + timedelta(days=9),
        "cainiao",
    )
    other = replace(scan(3), provider="seventeentrack", code="InTransit_Other")
    journal = take(
        journal,
        Answer(tracking_number=NUMBER, events=(other,)),
        START + timedelta(days=10),
        "seventeentrack",
    )
    problem = Problem(
        problem_id="torn",
        problem=ProblemKind.DAMAGED,
        reported_at=NOW - timedelta(hours=1),
        description="The box is torn. 盒子破了。",
        photos=(PHOTO,),
    )
    milestone = Milestone(
        milestone=MilestoneName.SHIPPED,
        milestone_id="shipped",
        noted_at=START + timedelta(days=2, hours=1),
        stage=Stage.SHIPPED,
        time=START + timedelta(days=2),
    )
    after = replace(journal, problems=(problem,), milestones=(milestone,))
    return seal(journal, after, NOW), tuple(kept)


def dossier_of(
    journal: Journal,
    answers: tuple[KeptAnswer, ...] = (),
    now: datetime = NOW,
    about: About = ABOUT,
    **fields: Any,
) -> dict[str, Any]:
    """Return the dossier of a journal."""
    return dossier(
        journal,
        snapshot(journal, about, (), PARIS, "FR"),
        answers,
        now,
        PARIS,
        {PHOTO.sha256: PhotoState.INTACT},
        **fields,
    )


def words(language: str) -> dict[str, str]:
    """Return the words of dispute files."""
    folder = Path(custom_components.waybill.__file__).parent / "translations"
    texts = json.loads((folder / f"{language}.json").read_text("utf-8"))
    milestones = texts["entity"]["event"]["milestone"]["state_attributes"]["milestone"]
    stages = texts["selector"]["stage"]["options"]
    return (
        texts["common"]
        | {f"stage_{key}": text for key, text in stages.items()}
        | {f"milestone_{key}": text for key, text in milestones["state"].items()}
    )


def page_of(
    told: Mapping[str, Any],
    language: str = "en",
    pictures: Mapping[str, bytes] | None = None,
) -> Page:
    """Return a dossier in words."""
    return page(told, words(language), language, pictures or {})
