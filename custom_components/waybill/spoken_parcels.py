"""What a voice says of one parcel: short, and without codes or raw carrier text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
import re
from typing import Final, Literal
import unicodedata

from babel import Locale, UnknownLocaleError
from babel.dates import format_time
from babel.lists import format_list
from babel.units import format_unit

from .euphony import at_one, before_last
from .languages import CommonWords, day_in_words
from .parcel_words import as_plain_text
from .tracking.assessment import AlertKind
from .tracking.deliveries import Delivery, delivery_of
from .tracking.model import Stage
from .tracking.numbers import normalise
from .tracking.parcel import Parcel

_LONGEST_NAME: Final = 60
_LONGEST_PLACE: Final = 40
_LAST: Final = 4
"""Characters that are read aloud of a tracking number."""
_WEEK: Final = 7
_HALF_A_YEAR: Final = 180
"""Days within which a date needs no year."""
_A_PLACE: Final = re.compile(r"[^\W\d_][^\W_]*(?:[ ,.'’()/-]+[^\W_]+)*[.)]?")
_DIGIT: Final = re.compile(r"\d")
_EXPECTED_NO_MORE: Final = frozenset(
    {
        Stage.READY_FOR_PICKUP,
        Stage.DELIVERED,
        Stage.RETURNING,
        Stage.RETURNED,
        Stage.EXCEPTION,
        Stage.EXPIRED,
    }
)
_SEEN_ON_THE_WAY: Final = frozenset({Stage.SHIPPED, Stage.IN_TRANSIT})
_SILENT_SO_FAR: Final = "voice_stage_pending_stalled"


def spoken_locale(language: str, country: str | None) -> Locale:
    """Return how a country's people write times; may read a file.

    ``country`` is that of the home (ISO 3166 alpha-2), where it is known.
    """
    try:
        return Locale(language, territory=country)
    except UnknownLocaleError:
        return Locale(language)


@dataclass(frozen=True, kw_only=True, slots=True)
class Speaker:
    """Puts parcels in words at a moment (aware), by the clock of the home.

    All words are those of one language: ``common`` of its translation.
    """

    words: CommonWords = field(repr=False)
    locale: Locale
    now: datetime
    zone: tzinfo

    def say(self, key: str, **spoken: str) -> str:
        """Return a text, with what is to be said in it."""
        return self.words[f"voice_{key}"].format(**spoken)

    def either(self, names: list[str]) -> str:
        """Join names of which one is meant."""
        return self._joined(names, "or")

    def several(self, names: list[str]) -> str:
        """Join names that are all meant."""
        return self._joined(names, "standard")

    def _joined(self, names: list[str], style: Literal["or", "standard"]) -> str:
        joined = format_list(names, style, locale=self.locale)
        return before_last(joined, names[-1], self.locale.language)

    def name(self, parcel: Parcel) -> str:
        """Say a parcel's name; never the whole of a number."""
        name = given_name(parcel.name, parcel.tracking_number)
        if name is None:
            return self.say("unnamed", end=number_end(parcel.tracking_number))
        return name

    def parcel(self, parcel: Parcel) -> str:
        """Say where a parcel is, when it is expected and what is wrong with it."""
        return self._sentence(parcel, self._where(parcel))

    def arrival(self, parcel: Parcel) -> str:
        """Say when a parcel is expected; where it is instead, if nobody knows when."""
        expected = self._expected(parcel)
        if expected is None:
            return self.parcel(parcel)
        return self._sentence(parcel, (expected, *self._late(parcel)))

    def arrival_or_none(self, parcel: Parcel) -> str:
        """Say when a parcel is expected; and where it is, that nobody knows when."""
        told = self.arrival(parcel)
        if parcel.stage in _EXPECTED_NO_MORE or self._expected(parcel) is not None:
            return told
        return f"{told} {self.say('no_date')}"

    def customs(self, parcel: Parcel, cleared_at: datetime) -> str:
        """Say that a parcel has left customs, and where it is since."""
        told = self.say("stage_customs_cleared", when=self.on(self._day(cleared_at)))
        return self._sentence(parcel, dict.fromkeys((told, *self._where(parcel))))

    def on(self, day: date) -> str:
        """Say a day: "today", "on Monday", "on May 3"."""
        near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
        return self._day_in_words("on", day, near)

    def today(self) -> date:
        """Return the day at home."""
        return self._day(self.now)

    def _since(self, moment: datetime) -> str:
        # A clock that runs ahead is not believed.
        day = min(self._day(moment), self.today())
        return self._day_in_words("since", day, {-1: "yesterday", 0: "today"})

    def _day_in_words(self, kind: str, day: date, near: dict[int, str]) -> str:
        days = (day - self.today()).days
        if days in near:
            return self.say(f"{kind}_{near[days]}")
        if abs(days) < _WEEK:
            return self.say(f"{kind}_{day.isoweekday()}")
        said = day_in_words(day, self.words, with_year=abs(days) > _HALF_A_YEAR)
        return self.say(f"{kind}_date", date=said)

    def _sentence(self, parcel: Parcel, told: Iterable[str]) -> str:
        return self.say("parcel", name=self.name(parcel), what=", ".join(told))

    def _where(self, parcel: Parcel) -> Iterator[str]:
        yield self._stage(parcel)
        if parcel.stage is Stage.READY_FOR_PICKUP and (
            at := place_in_words(parcel.pickup_point)
        ):
            yield self.say("pickup_point", place=at)
        town = place_in_words(parcel.location)
        # With a number in it, it is a code or a depot, and no town.
        if parcel.stage in _SEEN_ON_THE_WAY and town and not _DIGIT.search(town):
            yield self.say("place", place=town)
        if (expected := self._expected(parcel)) is not None:
            yield expected
        yield from self._wrong(parcel)

    def _stage(self, parcel: Parcel) -> str:
        stage = f"stage_{parcel.stage}"
        if parcel.stage is Stage.PENDING and _has(parcel, AlertKind.STALLED):
            return self.words[_SILENT_SO_FAR]
        return self.say(
            stage, since=self._since(parcel.stage_since), when=self._happened(parcel)
        )

    def _happened(self, parcel: Parcel) -> str:
        """Say when a parcel came to where it is; of a delivery, the time too."""
        if parcel.stage is not Stage.DELIVERED:
            return self.on(min(self._day(parcel.stage_since), self.today()))
        moment = parcel.delivered_at
        if moment is None:
            scan = next((e for e in parcel.events if e.stage is parcel.stage), None)
            # Whose zone nobody told is the time at the door.
            moment = scan.local_time if scan is not None else None
        if moment is None:
            return self.on(self._day(parcel.stage_since))
        at = moment.astimezone(self.zone) if moment.tzinfo is not None else moment
        day = self.on(min(at.date(), self.today()))
        return self._say_times("at_time", day=day, time=self._time(at))

    def _expected(self, parcel: Parcel) -> str | None:
        """Say when a parcel is promised, unless that is over."""
        if parcel.stage in _EXPECTED_NO_MORE:
            return None
        promised = delivery_of(parcel, self.zone)
        window = parcel.window
        if promised is None or (window is not None and window.end <= self.now):
            return None
        first, last = days_of(promised)
        if last < self.today():
            return None
        if window is None or first != last:
            return self.say("expected_latest", day=self.on(last))
        day = self.on(first)
        start, end = window.start.time(), window.end.time()
        whole = end.replace(second=0) == time(23, 59)
        if window.all_day or (whole and start == time.min):
            return self.say("expected_day", day=day)
        if start in (time.min, end):
            until = self._time(window.end)
            return self._say_times("expected_until", day=day, end=until)
        if whole:
            since = self._time(window.start)
            return self._say_times("expected_from", day=day, start=since)
        return self._say_times(
            "expected_window",
            day=day,
            start=self._time(window.start),
            end=self._time(window.end),
        )

    def _wrong(self, parcel: Parcel) -> Iterator[str]:
        """Say what the alerts say that the stage does not."""
        yield from self._late(parcel)
        if _has(parcel, AlertKind.STALLED):
            yield self.say("silent", since=self._since(parcel.heard_at))
        protection = parcel.about.protection_until
        if _has(parcel, AlertKind.PROTECTION_ENDING) and protection is not None:
            yield self.say("protection_ends", day=self.on(protection))
        if _has(parcel, AlertKind.PROBLEM_REPORTED):
            yield self.say("problem")

    def _late(self, parcel: Parcel) -> Iterator[str]:
        late = next((a for a in parcel.alerts if a.kind is AlertKind.LATE), None)
        if late is None:
            return
        days = (self.today() - self._day(late.since)).days
        if days < 1:
            yield self.say("late_today")
        else:
            span = format_unit(days, "duration-day", "long", locale=self.locale)
            yield self.say("late", span=span)

    def _say_times(self, key: str, **spoken: str) -> str:
        return at_one(self.say(key, **spoken), self.locale.language)

    def _time(self, moment: datetime) -> str:
        said = format_time(moment.time(), "short", locale=self.locale)
        return said.replace("\u202f", " ")

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def days_of(delivery: Delivery) -> tuple[date, date]:
    """Return the first and the last day of a delivery."""
    start, end = delivery.start, delivery.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        return start.date(), end.date()
    return start, date.fromordinal(end.toordinal() - 1)


def given_name(title: str, tracking_number: str) -> str | None:
    """Return what a person called a parcel, as it is said; None: by its number."""
    name = without_unseen(as_plain_text(title))
    if not name or normalise(name) == tracking_number:
        return None
    return bounded(name, _LONGEST_NAME)


def place_in_words(place: str | None) -> str | None:
    """Return a place that can be read aloud: words, and nothing long."""
    plain = without_unseen(as_plain_text(place))
    if len(plain) > _LONGEST_PLACE or not _A_PLACE.fullmatch(plain):
        return None
    return plain.title() if plain.isupper() else plain


def number_end(number: str) -> str:
    """Return as much of a number as is read aloud."""
    return number[-_LAST:]


def bounded(text: str, longest: int) -> str:
    """Return a text that nobody has to listen to for long."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def without_unseen(text: str) -> str:
    """Return a text without characters that nobody sees or that turn it around."""
    return "".join(c for c in text if not unicodedata.category(c).startswith("C"))


def _has(parcel: Parcel, kind: AlertKind) -> bool:
    return any(alert.kind is kind for alert in parcel.alerts)
