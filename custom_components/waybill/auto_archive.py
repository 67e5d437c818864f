"""Archives parcels by itself, some time after their end."""

from datetime import datetime, timedelta
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later, async_track_point_in_utc_time
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from .archive import async_archive_parcel
from .const import CONF_ARCHIVE_AFTER_DAYS, DEFAULT_ARCHIVE_AFTER_DAYS
from .tracking.lifetime import archive_due
from .tracking.milestones import pending
from .unexpected import whereabouts

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator

_LOGGER = logging.getLogger(__name__)

_TO_BE_TOLD: Final = timedelta(minutes=1)
"""What is to be told of a parcel is told while it is there."""
_CLOCK_IS_RIGHT_AFTER: Final = timedelta(hours=1)
"""A clock that is ahead when Home Assistant starts is put right soon after."""
_TRY_AGAIN_AFTER: Final = timedelta(hours=1)


class AutoArchive:
    """Has one timer: for the parcel whose time comes first."""

    def __init__(self, hass: HomeAssistant, coordinator: WaybillCoordinator) -> None:
        """Archive nothing before ``async_start``."""
        self._hass = hass
        self._coordinator = coordinator
        self._days = self._option()
        self._due: dict[str, datetime] = {}
        self._timer: tuple[datetime, CALLBACK_TYPE] | None = None
        self._wait: CALLBACK_TYPE | None = None
        self._ready = False

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Archive from a while after the start; returns what ends it."""
        unsubscribe = async_at_started(self._hass, self._async_started)

        @callback
        def stop() -> None:
            unsubscribe()
            if self._wait is not None:
                self._wait()
            self._ready = False
            self._async_set_timer()

        return stop

    @callback
    def async_clock_set(self) -> None:
        """Archive nothing while the clock is doubted."""
        self._async_set_timer()

    @callback
    def async_parcel_changed(self, parcel_id: str) -> None:
        """See anew when a parcel that changed, or went, is to be archived."""
        due = self._due_of(parcel_id)
        if due == self._due.get(parcel_id):
            return
        if due is None:
            del self._due[parcel_id]
        else:
            self._due[parcel_id] = due
        self._async_set_timer()

    @callback
    def async_options_changed(self) -> None:
        """See whether another patience is wanted."""
        days = self._option()
        if days != self._days:
            self._days = days
            for parcel_id in self._coordinator.journals:
                self.async_parcel_changed(parcel_id)

    @callback
    def _async_started(self, _hass: HomeAssistant) -> None:
        self._wait = async_call_later(
            self._hass, _CLOCK_IS_RIGHT_AFTER, self._async_ready
        )

    @callback
    def _async_ready(self, _now: datetime) -> None:
        self._wait = None
        self._ready = True
        self._async_set_timer()

    def _option(self) -> int:
        options = self._coordinator.config_entry.options
        return int(options.get(CONF_ARCHIVE_AFTER_DAYS, DEFAULT_ARCHIVE_AFTER_DAYS))

    def _due_of(self, parcel_id: str) -> datetime | None:
        coordinator = self._coordinator
        parcel = coordinator.data.get(parcel_id)
        if parcel is None or not self._days:
            return None
        after = coordinator.tempo.span(timedelta(days=self._days))
        return archive_due(parcel, coordinator.journals[parcel_id], after)

    @callback
    def _async_set_timer(self) -> None:
        may = self._ready and not self._coordinator.days.clock.is_doubted
        first = min(self._due.values(), default=None) if may else None
        if self._timer is not None:
            at, cancel = self._timer
            if at == first:
                return
            cancel()
            self._timer = None
        if first is not None:
            cancel = async_track_point_in_utc_time(
                self._hass, self._async_time_is_up, first
            )
            self._timer = (first, cancel)

    @callback
    def _async_time_is_up(self, _now: datetime) -> None:
        self._timer = None
        self._coordinator.config_entry.async_create_task(
            self._hass, self._async_archive_due()
        )

    async def _async_archive_due(self) -> None:
        clock = self._coordinator.days.clock
        clock.async_look()
        if clock.is_doubted:
            return
        now = dt_util.utcnow()
        for parcel_id in [i for i, due in self._due.items() if due <= now]:
            journal = self._coordinator.journals.get(parcel_id)
            if journal is None or self._due.get(parcel_id, now) > now:
                continue
            if pending(journal):
                self._due[parcel_id] = now + _TO_BE_TOLD
                continue
            try:
                await async_archive_parcel(self._coordinator, parcel_id)
            except (HomeAssistantError, OSError) as err:
                _LOGGER.error("A parcel could not be archived: %s", whereabouts(err))
                self._due[parcel_id] = now + _TRY_AGAIN_AFTER
        self._async_set_timer()
