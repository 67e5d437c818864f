"""Notices that the clock was set, which no timer tells.

Timers count by a clock that nobody sets, moments and days by the one on the wall: on
small machines that begins somewhere in the past and is put right when the network
comes, on any it may be set ahead by mistake.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.util import dt as dt_util

LOOK_EVERY: Final = timedelta(minutes=5)
DOUBTED_FOR: Final = timedelta(hours=1)
"""A clock that was set ahead by mistake is most often put right soon."""
_WORTH_NOTICING: Final = timedelta(minutes=1)


class ClockWatch:
    """Compares the clock on the wall with the one that nobody sets."""

    def __init__(self, hass: HomeAssistant, changed: Callable[[], None]) -> None:
        """Call ``changed`` when the clock was set, and when it is believed again."""
        self._hass = hass
        self._changed = changed
        self._began = self._beginning()
        self._believe: CALLBACK_TYPE | None = None

    @property
    def is_doubted(self) -> bool:
        """Whether the clock was set forward a short while ago."""
        return self._believe is not None

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Look at both from now on; returns what ends it."""
        self._began = self._beginning()
        unsubscribe = async_track_time_interval(
            self._hass, self._async_look, LOOK_EVERY, cancel_on_shutdown=True
        )

        @callback
        def stop() -> None:
            unsubscribe()
            self._async_end_doubt()

        return stop

    @callback
    def async_look(self) -> None:
        """Notice now what a timer would notice within minutes."""
        began, self._began = self._began, self._beginning()
        if abs(self._began - began) < _WORTH_NOTICING:
            return
        self._async_end_doubt()
        if self._began > began:
            self._believe = async_call_later(
                self._hass, DOUBTED_FOR, self._async_believe
            )
        self._changed()

    @callback
    def _async_look(self, _now: datetime) -> None:
        self.async_look()

    @callback
    def _async_believe(self, _now: datetime) -> None:
        self._believe = None
        self._changed()

    @callback
    def _async_end_doubt(self) -> None:
        if self._believe is not None:
            self._believe()
            self._believe = None

    def _beginning(self) -> datetime:
        """Return what the clock on the wall would have shown when the other began."""
        return dt_util.utcnow() - timedelta(seconds=self._hass.loop.time())
