"""The one timer at which alerts begin and end, whether or not anybody is asked."""

from collections.abc import Callable
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

type JudgeListener = Callable[[list[str]], None]


class AlertClock:
    """Knows when each parcel is to be judged anew, and says so in time."""

    def __init__(self, hass: HomeAssistant, judge: JudgeListener) -> None:
        """Call ``judge`` with the parcels whose moment has come."""
        self._hass = hass
        self._judge = judge
        self._moments: dict[str, datetime] = {}
        self._wakes_at: datetime | None = None
        self._unsubscribe: CALLBACK_TYPE | None = None
        self._stopped = False
        self._held = False

    @callback
    def async_set(self, parcel_id: str, moment: datetime | None) -> None:
        """Judge a parcel at a moment (aware), or, with None, only at news."""
        if self._stopped:
            # Another may judge by now, who knows more.
            return
        if moment is None:
            self._moments.pop(parcel_id, None)
            return
        self._moments[parcel_id] = moment
        # A timer that proves too early sets the next one.
        if self._wakes_at is None or moment < self._wakes_at:
            self._async_wake_at(moment)

    @callback
    def async_catch_up(self) -> None:
        """Judge what is due: a clock that was set forward calls no timer."""
        now = dt_util.utcnow()
        if self._wakes_at is not None and self._wakes_at <= now:
            self._async_ring(now)

    @callback
    def async_hold(self, held: bool) -> None:
        """Judge nothing while the clock is doubted; after that, by the clock as it is."""
        self._held = held
        self._async_wake_at(min(self._moments.values(), default=None))

    @callback
    def async_stop(self) -> None:
        """Judge nothing any more."""
        self._stopped = True
        self._moments.clear()
        self._async_wake_at(None)

    @callback
    def _async_ring(self, now: datetime) -> None:
        now = max(now, dt_util.utcnow())
        due = [parcel_id for parcel_id, at in self._moments.items() if at <= now]
        for parcel_id in due:
            del self._moments[parcel_id]
        # Those that are judged now may only bring this forward.
        self._async_wake_at(min(self._moments.values(), default=None))
        self._judge(due)

    @callback
    def _async_wake_at(self, moment: datetime | None) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._wakes_at = moment
        if moment is not None and not self._held:
            self._unsubscribe = async_track_point_in_utc_time(
                self._hass, self._async_ring, moment
            )
