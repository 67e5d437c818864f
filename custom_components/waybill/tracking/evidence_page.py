"""A dispute file as one reads it: a dossier in words, before any layout.

HTML and PDF lay out the same blocks. Every text in a block is harmless: without
control characters and without marks that turn the direction of writing, and of
a bounded length; it is still to be escaped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
import re
from typing import Any, Final

from babel.units import format_unit

from .evidence import PhotoState
from .harmless_text import LONGEST, clean

_MAX_WORDS: Final = 400
_MAX_EARLIER: Final = 100
_MAX_LABEL: Final = 200
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_COMMAND: Final = (
    "jq -r '.chain[].text' FILE | while IFS= read -r t; do printf %s \"$t\""
    " | sha256sum | cut -c -64; done | cmp - <(jq -r '.chain[].hash' FILE)"
)


class Tone(StrEnum):
    """How a block is meant."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """The title of a section."""

    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A paragraph."""

    text: str = field(repr=False)
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A line for a terminal."""

    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A label and what it is about; ``link`` is an http(s) address."""

    label: str
    value: str = field(repr=False)
    link: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Facts, one below the other."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The few facts that say it all, side by side."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A cell: what counts, and below it what explains it."""

    text: str = field(repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table; ``widths`` are the columns' shares."""

    headers: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A photo, as JPEG, with what is said below it."""

    jpeg: bytes = field(repr=False)
    caption: str = field(repr=False)


type Block = Heading | Text | Command | Facts | Figures | Table | Picture


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A dispute file, laid out by nobody yet.

    ``page_of`` has the placeholders ``{page}`` and ``{pages}``.
    """

    language: str
    kind: str
    title: str = field(repr=False)
    subtitle: str = field(repr=False)
    footer: str
    page_of: str
    blocks: tuple[Block, ...]


def page(
    dossier: Mapping[str, Any],
    words: Mapping[str, str],
    language: str,
    pictures: Mapping[str, bytes],
) -> Page:
    """Tell a dossier in words.

    ``words`` has the texts of ``common`` whose keys begin with ``evidence_``, and
    ``stage_<stage>`` and ``milestone_<milestone>``. ``pictures`` are JPEGs by the
    SHA-256 of the photos that they show. ``language`` is a BCP 47 tag.
    """
    told = _Teller(dossier, words, pictures)
    return Page(
        language=language,
        kind=told.say("title"),
        title=clean(dossier["parcel"]["name"], _MAX_LABEL),
        subtitle=told.subtitle(),
        footer=told.say("footer", at=told.moment(dossier["made_at"])),
        page_of=words["evidence_page_of"],
        blocks=tuple(told.blocks()),
    )


class _Teller:
    """Tells one dossier in one language."""

    def __init__(
        self,
        dossier: Mapping[str, Any],
        words: Mapping[str, str],
        pictures: Mapping[str, bytes],
    ) -> None:
        self._dossier = dossier
        self._words = words
        self._pictures = pictures
        known = [answer["sha256"] for answer in dossier["answers"]]
        brought = [event["answer"] for event in dossier["events"] if event["answer"]]
        self._answers = {
            sha256: number
            for number, sha256 in enumerate(dict.fromkeys([*known, *brought]), 1)
        }

    def say(self, key: str, **placeholders: object) -> str:
        """Return a text in the person's words."""
        text = self._words[f"evidence_{key}"]
        told = {name: clean(value) for name, value in placeholders.items()}
        return _PLACEHOLDER.sub(lambda found: told[found[1]], text)

    def subtitle(self) -> str:
        parcel = self._dossier["parcel"]
        parts = (parcel["tracking_number"], parcel["carrier_name"])
        return " · ".join(clean(part, _MAX_LABEL) for part in parts if part)

    def blocks(self) -> Iterable[Block]:
        yield from self._summary()
        yield from self._order()
        yield from self._dates()
        yield from self._problems()
        yield from self._events()
        yield from self._milestones()
        yield from self._legs()
        yield from self._kept()
        yield from self._proof()

    def moment(self, text: str | None) -> str:
        """Return a time to the second, with its offset where that is known."""
        if not text:
            return ""
        if len(text) == len("2026-01-01"):
            return date.fromisoformat(text).isoformat()
        moment = datetime.fromisoformat(text)
        shown = moment.replace(tzinfo=None).isoformat(" ", "seconds")
        offset = moment.strftime("%:z")
        return f"{shown} {offset}" if offset else shown

    def _days(self, count: int | None) -> str:
        if count is None:
            return "–"
        return format_unit(count, "duration-day", locale=self._words["language"])

    def _stage(self, stage: str | None) -> str:
        return self._words[f"stage_{stage}"] if stage else ""

    def _provider(self, record: Mapping[str, Any]) -> str:
        return clean(record["provider_name"] or self.say("by_hand"), _MAX_LABEL)

    def _known(self, key: str, value: object, link: str | None = None) -> list[Fact]:
        if not value:
            return []
        return [Fact(label=self.say(key), value=clean(value), link=_web(link))]

    def _summary(self) -> Iterable[Block]:
        parcel, counts = self._dossier["parcel"], self._dossier["counts"]
        figures = (
            ("stage", self._stage(parcel["stage"])),
            ("in_transit", self._days(counts["days_in_transit"])),
            ("silence", self._days(counts["longest_silence"]["days"])),
            ("late", self._days(counts["days_late"])),
        )
        yield Figures(
            facts=tuple(Fact(label=self.say(k), value=value) for k, value in figures)
        )
        yield self._verdict()

    def _verdict(self) -> Text:
        count = len(self._dossier["chain"])
        if self._dossier["chain_valid"]:
            return Text(text=self.say("seal_holds", count=count), tone=Tone.GOOD)
        return Text(text=self.say("seal_broken"), tone=Tone.BAD)

    def _order(self) -> Iterable[Block]:
        parcel = self._dossier["parcel"]
        countries = [
            country
            for country in (parcel["origin_country"], parcel["destination_country"])
            if country
        ]
        facts = [
            *self._known("seller", parcel["seller"]),
            *self._known("order_number", parcel["order_number"]),
            *self._known("ordered_on", parcel["ordered_on"]),
            *self._known("order_page", parcel["order_url"], parcel["order_url"]),
            *self._known("tracking_number", parcel["tracking_number"]),
            *self._known("carrier", parcel["carrier_name"]),
            *self._known(
                "tracking_page", parcel["tracking_url"], parcel["tracking_url"]
            ),
            *self._known("countries", " → ".join(countries)),
            *self._known("pickup_point", parcel["pickup_point"]),
            *self._known("signed_by", parcel["signed_by"]),
            *self._known("added_at", self.moment(parcel["added_at"])),
        ]
        yield Heading(text=self.say("order"))
        yield Facts(facts=tuple(facts))

    def _dates(self) -> Iterable[Block]:
        dates, counts = self._dossier["dates"], self._dossier["counts"]
        silence = counts["longest_silence"]
        facts = [
            *self._known("shipped_at", self.moment(dates["shipped_at"])),
            *self._known("delivered_at", self.moment(dates["delivered_at"])),
            *self._known("expected_by", self.moment(dates["expected_by"])),
            *self._known("protection_until", dates["protection_until"]),
        ]
        if silence["days"]:
            facts += self._known(
                "silence",
                self.say(
                    "silence_span",
                    days=self._days(silence["days"]),
                    start=self.moment(silence["from"]),
                    end=self.moment(silence["to"]),
                ),
            )
        if counts["current_silence_days"]:
            facts += self._known(
                "current_silence", self._days(counts["current_silence_days"])
            )
        if dates["expected_days_late"]:
            facts += self._known(
                "expected_late", self._days(dates["expected_days_late"])
            )
        yield Heading(text=self.say("dates"))
        yield Facts(facts=tuple(facts))
        if not dates["promises"]:
            yield Text(text=self.say("no_promise"), tone=Tone.QUIET)
            return
        yield Table(
            headers=self._headers(
                "promised_by", "promised_for", "first_seen", "late_by"
            ),
            widths=(23, 34, 28, 15),
            rows=tuple(
                (
                    Cell(
                        text=self._provider(promise),
                        notes=(clean(promise["tracking_number"], _MAX_LABEL),),
                    ),
                    Cell(text=self._window(promise)),
                    Cell(text=self.moment(promise["first_seen"])),
                    Cell(text=self._days(promise["days_late"])),
                )
                for promise in dates["promises"]
            ),
        )

    def _window(self, promise: Mapping[str, Any]) -> str:
        start, end = promise["from"], promise["to"]
        if promise["all_day"]:
            start, end = start[:10], end[:10]
        start, end = self.moment(start), self.moment(end)
        return start if start == end else f"{start} – {end}"

    def _problems(self) -> Iterable[Block]:
        problems = self._dossier["problems"]
        if not problems:
            return
        yield Heading(text=self.say("problems"))
        for problem in problems:
            facts = [
                *self._known("problem", self.say(f"problem_{problem['problem']}")),
                *self._known("reported_at", self.moment(problem["reported_at"])),
                *self._known("settled_at", self.moment(problem["settled_at"])),
            ]
            yield Facts(facts=tuple(facts))
            if problem["description"]:
                yield Text(text=clean(problem["description"], 5 * LONGEST))
            for number, photo in enumerate(problem["photos"], 1):
                yield self._photo(number, photo)

    def _photo(self, number: int, photo: Mapping[str, Any]) -> Block:
        about = self.say(
            "photo",
            number=number,
            media_type=photo["media_type"],
            size=photo["size"],
            sha256=photo["sha256"],
        )
        jpeg = self._pictures.get(photo["sha256"])
        if jpeg is not None:
            return Picture(jpeg=jpeg, caption=f"{about} {self.say('photo_shown')}")
        # One that is intact and yet has no picture is of a kind that none is made of.
        state = PhotoState(photo["state"])
        return Text(text=f"{about} {self.say(f'photo_{state.value}')}", tone=Tone.QUIET)

    def _events(self) -> Iterable[Block]:
        yield Heading(text=self.say("events"))
        events = self._dossier["events"]
        if not events:
            yield Text(text=self.say("no_events"), tone=Tone.QUIET)
            return
        yield Text(text=self.say("events_intro"), tone=Tone.QUIET)
        yield Table(
            headers=self._headers("when", "what", "source"),
            widths=(27, 44, 29),
            rows=tuple(self._row(event) for event in events),
        )

    def _row(self, event: Mapping[str, Any]) -> tuple[Cell, ...]:
        instant, wall = event["time"], event["local_time"]
        written = clean(event["written_time"], _MAX_LABEL)
        when = self.moment(instant) or self.moment(wall) or written
        notes = [self.say("written", text=written)] if written else []
        if instant and wall and wall[:19] != instant[:19]:
            notes.append(self.say("local_time", at=self.moment(wall)))
        told = clean(event["description"] or event["words"], _MAX_WORDS) or "–"
        about = [
            part
            for part in (
                self._stage(event["stage"]),
                clean(event["location"], _MAX_LABEL),
                clean(event["country"], _MAX_LABEL),
            )
            if part
        ]
        what = [" · ".join(about)] if about else []
        own = clean(event["words"], _MAX_WORDS)
        if own and own != told:
            what.append(self.say("own_words", text=own))
        earlier = [clean(words, _MAX_EARLIER) for words in event["earlier_words"]]
        what += [self.say("earlier_words", text=text) for text in earlier if text]
        if event["code"]:
            what.append(self.say("code", code=clean(event["code"], _MAX_LABEL)))
        source = [clean(event["tracking_number"], _MAX_LABEL)]
        if event["first_seen"]:
            source.append(self.say("seen", at=self.moment(event["first_seen"])))
        if event["answer"]:
            source.append(self.say("answer", number=self._answers[event["answer"]]))
        return (
            Cell(text=when, notes=tuple(notes)),
            Cell(text=told, notes=tuple(what)),
            Cell(text=self._provider(event), notes=tuple(source)),
        )

    def _milestones(self) -> Iterable[Block]:
        milestones = [
            milestone
            for milestone in self._dossier["milestones"]
            if milestone["milestone"] != "stage_changed"
        ]
        if not milestones:
            return
        yield Heading(text=self.say("milestones"))
        yield Table(
            headers=self._headers("milestone", "happened_at", "noted_at"),
            widths=(40, 30, 30),
            rows=tuple(
                (
                    Cell(
                        text=self._words[f"milestone_{milestone['milestone']}"],
                        notes=(self.say("inferred"),) if milestone["inferred"] else (),
                    ),
                    Cell(text=self.moment(milestone["time"]) or "–"),
                    Cell(text=self.moment(milestone["noted_at"])),
                )
                for milestone in milestones
            ),
        )

    def _legs(self) -> Iterable[Block]:
        legs = self._dossier["legs"]
        if len(legs) < 2:
            return
        yield Heading(text=self.say("legs"))
        yield Table(
            headers=self._headers("tracking_number", "carrier", "named_by"),
            widths=(34, 26, 40),
            rows=tuple(
                (
                    Cell(text=clean(leg["tracking_number"], _MAX_LABEL)),
                    Cell(text=clean(leg["carrier_name"], _MAX_LABEL) or "–"),
                    Cell(
                        text=clean(leg["found_by_name"], _MAX_LABEL)
                        or self.say("by_hand"),
                        notes=(self.moment(leg["since"]),) if leg["since"] else (),
                    ),
                )
                for leg in legs
            ),
        )

    def _kept(self) -> Iterable[Block]:
        if not self._answers:
            return
        yield Heading(text=self.say("answers"))
        yield Text(text=self.say("answers_intro"), tone=Tone.QUIET)
        kept = {answer["sha256"]: answer for answer in self._dossier["answers"]}
        yield Table(
            headers=self._headers("answer_number", "answer_of", "sha256"),
            widths=(10, 38, 52),
            rows=tuple(
                (
                    Cell(text=str(number)),
                    self._answer(kept.get(sha256)),
                    Cell(text=clean(sha256, _MAX_LABEL)),
                )
                for sha256, number in self._answers.items()
            ),
        )

    def _answer(self, answer: Mapping[str, Any] | None) -> Cell:
        if answer is None:
            return Cell(text=self.say("answer_gone"))
        notes = [
            self.moment(answer["received_at"]),
            self.say("bytes", size=answer["size"]),
        ]
        if answer["text"] is None:
            notes.append(self.say("answer_gone"))
        number = clean(answer["tracking_number"], _MAX_LABEL)
        return Cell(text=f"{self._provider(answer)} · {number}", notes=tuple(notes))

    def _proof(self) -> Iterable[Block]:
        yield Heading(text=self.say("proof"))
        yield self._verdict()
        for found in self._dossier["breaks"]:
            yield Text(text=self._broken(found), tone=Tone.BAD)
        yield Text(text=self.say("proof_how"))
        yield Facts(
            facts=(
                Fact(
                    label=self.say("chain_length"),
                    value=str(len(self._dossier["chain"])),
                ),
                Fact(label=self.say("chain_end"), value=self._dossier["chain_end"]),
            )
        )
        yield Text(text=self.say("proof_check"))
        yield Command(text=_COMMAND)
        yield Text(text=self.say("proof_guide"))
        yield Text(text=self.say("proof_limits"), tone=Tone.QUIET)

    def _broken(self, found: Mapping[str, Any]) -> str:
        change = self.say(f"change_{found['change']}")
        named = " · ".join(
            clean(part, _MAX_LABEL)
            for part in (
                found["written_time"] or self.moment(found["time"]),
                found["description"] or found["ref"],
            )
            if part
        )
        kind = self.say(f"record_{found['kind']}")
        return self.say("break", change=change, kind=kind, named=named or "–")

    def _headers(self, *keys: str) -> tuple[str, ...]:
        return tuple(self.say(key) for key in keys)


def _web(link: str | None) -> str | None:
    """Return a link only where it is one to a page."""
    if link is None or not link.lower().startswith(("http://", "https://")):
        return None
    return link if clean(link, 2 * LONGEST) == link else None
