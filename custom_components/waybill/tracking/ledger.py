"""What was asked of an account, and when it may be asked again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final, Self

from .providers.base import (
    CredentialsRejected,
    Limits,
    NotEntitled,
    ProviderError,
    QuotaExceeded,
)
from .tempo import Tempo

MAX_BACKOFF: Final = timedelta(days=1)
LONGEST_WAIT: Final = timedelta(days=31)
"""No provider is obeyed for longer: the clock was wrong, or it is."""

_DAYS_REMEMBERED: Final = 8


class Refusal(StrEnum):
    """Why nobody may ask an account now."""

    SPACING = "spacing"
    BACKOFF = "backoff"
    QUOTA = "quota"
    CREDENTIALS = "credentials_rejected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """The requests made of one account; survives a restart.

    ``day`` numbers the provider's day that ``used`` counts requests of, and
    ``urgent`` those among them that could not wait. ``other_days`` are some before
    it, by the order of requests, with what was used: a clock that was set may
    come back to them.
    ``blocked_at`` and ``blocked_until`` are when a back-off began, and when it ends.
    ``blocked_until`` is None for credentials that were rejected: those are
    not tried again before the person has changed them. ``not_entitled`` says
    that they are good, but that the provider lets them track nothing.
    """

    limits: Limits
    tempo: Tempo
    day: int = 0
    used: int = 0
    urgent: int = 0
    other_days: tuple[tuple[int, int], ...] = ()
    last_request: datetime | None = None
    failures: int = 0
    blocked_at: datetime | None = None
    blocked_until: datetime | None = None
    blocked_by: Refusal | None = None
    not_entitled: bool = False

    def asked(self, now: datetime, *, urgent: bool = False) -> Self:
        """Count a request."""
        today = self._turned_to(now)
        return replace(
            today,
            used=today.used + 1,
            urgent=today.urgent + urgent,
            last_request=now,
        )

    def cleared(self) -> Self:
        """Forget past failures: an answer came, or the credentials are new."""
        if not self.failures and self.blocked_by is None:
            return self
        return replace(
            self,
            failures=0,
            blocked_at=None,
            blocked_until=None,
            blocked_by=None,
            not_entitled=False,
        )

    def blocked(self, error: ProviderError, now: datetime, random: Random) -> Self:
        """Back off: until the provider's own time, else by doubling.

        The jitter keeps the homes apart that failed together.
        """
        failures = self.failures + 1
        if isinstance(error, CredentialsRejected):
            return replace(
                self,
                failures=failures,
                blocked_at=now,
                blocked_until=None,
                blocked_by=Refusal.CREDENTIALS,
                not_entitled=isinstance(error, NotEntitled),
            )
        spent = isinstance(error, QuotaExceeded)
        if error.retry_at is not None:
            wait = max(error.retry_at - now, self.limits.spacing)
            wait = min(wait, LONGEST_WAIT)
        else:
            first = error.first_backoff or self.limits.first_backoff
            wait = first * 2 ** min(failures - 1, 20) * random.uniform(1, 1.1)  # nosec B311  # spreads requests
            wait = min(wait, MAX_BACKOFF)
        return replace(
            self,
            failures=failures,
            blocked_at=now,
            blocked_until=now + self.tempo.span(wait),
            blocked_by=Refusal.QUOTA if spent else Refusal.BACKOFF,
        )

    def set_back(self, now: datetime) -> Self:
        """Wait no longer than usual where the clock was ahead and was set back.

        A back-off that began in what is the future by now begins anew: nobody
        knows how much of it is over. What was asked then was asked today.
        """
        ledger = self._turned_to(now)
        if ledger.last_request is not None and ledger.last_request > now:
            ledger = replace(ledger, last_request=now)
        began, until = ledger.blocked_at, ledger.blocked_until
        if began is None or until is None or began <= now:
            return ledger
        return replace(ledger, blocked_at=now, blocked_until=now + (until - began))

    def refusal(self, now: datetime) -> tuple[Refusal, datetime | None] | None:
        """Say why, and until when, even a person may not ask."""
        opens = self.opens_at(now, routine=False)
        if opens is not None and opens <= now:
            return None
        if self.blocked_by is not None and self._is_blocked(now):
            return self.blocked_by, opens
        has_left = self._has_left(now, keep=0)
        return Refusal.SPACING if has_left else Refusal.QUOTA, opens

    def left(self, now: datetime) -> int | None:
        """Return what is left of the day, where the provider counts by days."""
        if self.limits.per_day is None:
            return None
        if self.blocked_by is Refusal.QUOTA and self._is_blocked(now):
            return 0
        return max(0, self.limits.per_day - self.used_on(now))

    def used_on(self, now: datetime) -> int:
        """Return how many requests were made on the day of ``now``."""
        return self._turned_to(now).used

    def opens_at(
        self, now: datetime, *, routine: bool, fair_wait: timedelta = timedelta()
    ) -> datetime | None:
        """Return from when a request may be made; None: not by waiting.

        A routine request is one that no person asked for; ``fair_wait`` is how
        long after the last one it waits, so that the quota lasts for the day.
        """
        if self.blocked_by is Refusal.CREDENTIALS:
            return None
        opens = self._free_at(now)
        if routine and self.last_request is not None and self.last_request <= now:
            gap = max(self.limits.routine_spacing or self.limits.spacing, fair_wait)
            opens = max(opens, self.last_request + self.tempo.span(gap))
        if self.blocked_until is not None and self._is_blocked(now):
            opens = max(opens, self.blocked_until)
        if not self._has_left(now, keep=self.kept_on(now) if routine else 0):
            opens = max(opens, self.tempo.next_day(now))
        return opens

    def as_dict(self) -> dict[str, object]:
        """Return what must survive a restart, as JSON."""
        return {
            key: value.isoformat() if isinstance(value, datetime) else value
            for key, value in asdict(self).items()
            if value and key not in ("limits", "tempo")
        }

    def restored(self, stored: Mapping[str, object]) -> Self:
        """Take up what ``as_dict`` gave; what cannot be read is passed over."""
        blocked_by = stored.get("blocked_by")
        blocked_until = moment(stored.get("blocked_until"))
        if blocked_by not in list(Refusal):
            blocked_by = Refusal.BACKOFF if blocked_until is not None else None
        return replace(
            self,
            day=_number(stored.get("day")),
            used=_number(stored.get("used")),
            urgent=_number(stored.get("urgent")),
            other_days=_days(stored.get("other_days")),
            last_request=moment(stored.get("last_request")),
            failures=_number(stored.get("failures")),
            blocked_at=moment(stored.get("blocked_at")),
            blocked_until=blocked_until,
            blocked_by=Refusal(str(blocked_by)) if blocked_by is not None else None,
            not_entitled=stored.get("not_entitled") is True,
        )

    @property
    def reserve(self) -> int:
        """How many requests of a day only a person may spend."""
        return max(4, (self.limits.per_day or 0) // 10)

    def kept_on(self, now: datetime) -> int:
        """Return how many of them are left on the day of ``now``."""
        if self.limits.per_day is None:
            return 0
        return max(0, self.reserve - self._urgent_on(now))

    @property
    def left_for_routine(self) -> tuple[int, timedelta] | None:
        """What the house may still spend after the last request, and for how long.

        The duration is at full scale; None: as much as it likes.
        """
        if self.limits.per_day is None or self.last_request is None:
            return None
        kept = self.kept_on(self.last_request)
        left = self.limits.per_day - kept - self.used_on(self.last_request)
        end = self.tempo.next_day(self.last_request)
        return max(left, 0), self.tempo.elapsed(self.last_request, end)

    def _urgent_on(self, now: datetime) -> int:
        return self._turned_to(now).urgent

    def _turned_to(self, now: datetime) -> Self:
        """Begin another day, or come back to one.

        What was counted since on a day that is still to come was asked today.
        """
        today = self.tempo.day(now)
        if today == self.day:
            return self
        before = (*self.other_days, (self.day, self.used))
        used, ahead = 0, 0
        for day, count in before:
            if day == today:
                used, ahead = count, 0
            elif day > today:
                ahead += count
        if today < self.day:
            used += ahead
        others = [(day, n) for day, n in before if n and day != today]
        return replace(
            self,
            day=today,
            used=used,
            urgent=0,
            other_days=tuple(others[-_DAYS_REMEMBERED:]),
        )

    def _is_blocked(self, now: datetime) -> bool:
        return self.blocked_by is Refusal.CREDENTIALS or (
            self.blocked_until is not None
            and timedelta() < self.blocked_until - now <= LONGEST_WAIT
        )

    def _has_left(self, now: datetime, *, keep: int) -> bool:
        per_day = self.limits.per_day
        return per_day is None or self.used_on(now) < per_day - keep

    def _free_at(self, now: datetime) -> datetime:
        if self.last_request is None or self.last_request > now:
            # A clock that was set back must not silence an account.
            return now
        return self.last_request + self.tempo.span(self.limits.spacing)


def _number(stored: object) -> int:
    return stored if isinstance(stored, int) and stored >= 0 else 0


def _days(stored: object) -> tuple[tuple[int, int], ...]:
    pairs = stored if isinstance(stored, list) else []
    days = [(_number(p[0]), _number(p[1])) for p in pairs if _is_pair(p)]
    return tuple(days[-_DAYS_REMEMBERED:])


def _is_pair(stored: object) -> bool:
    return isinstance(stored, list) and len(stored) == 2


def moment(stored: object) -> datetime | None:
    """Return an aware moment as it was stored in ISO 8601, if it can be one.

    At the edge of the calendar there is no room for an interval.
    """
    try:
        told = datetime.fromisoformat(str(stored))
    except ValueError:
        return None
    aware = told.tzinfo is not None
    return told if aware and MINYEAR < told.year < MAXYEAR else None
