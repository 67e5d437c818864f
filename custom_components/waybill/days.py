"""Follows the days at home, and the clock that tells them."""

from datetime import datetime
from typing import TYPE_CHECKING

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_change

from .alert_issues import async_judge_alerts
from .clock_watch import ClockWatch
from .languages import async_words
from .turns import in_turns

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator


class Days:
    """Shows anew what depends on the day, and judges by a clock that was set."""

    def __init__(self, hass: HomeAssistant, coordinator: WaybillCoordinator) -> None:
        """Follow nothing yet."""
        self._hass = hass
        self._coordinator = coordinator
        self.clock = ClockWatch(hass, self._async_clock_set)
        self._follow_no_more: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Begin each day at midnight, from now on; returns what ends it."""
        unsubscribe = (
            self.clock.async_start(),
            self._hass.bus.async_listen(
                EVENT_CORE_CONFIG_UPDATE, self._async_home_changed
            ),
            self._async_end,
        )
        self._async_follow()

        @callback
        def stop() -> None:
            for end in unsubscribe:
                end()

        return stop

    @callback
    def async_mind_clock(self) -> None:
        """Judge what is due by a clock that is ahead of its timers, if it is believed."""
        self.clock.async_look()
        if not self.clock.is_doubted:
            self._coordinator.alert_clock.async_catch_up()

    async def async_begin(self) -> None:
        """Count another day for the parcels that are on their way."""
        self.async_mind_clock()
        await self._async_show()

    @callback
    def _async_clock_set(self) -> None:
        """Go by the clock as it is now; what cannot be undone waits while it is new."""
        coordinator, doubted = self._coordinator, self.clock.is_doubted
        self._async_follow()
        coordinator.archiver.async_clock_set()
        coordinator.alert_clock.async_hold(doubted)
        for parcel in coordinator.data.values():
            coordinator.questions.set_pace(parcel)
        coordinator.config_entry.async_create_task(
            self._hass, self._async_show() if doubted else self._async_judge_and_show()
        )
        coordinator.async_wake_when_due()

    @callback
    def _async_follow(self) -> None:
        """Begin each day by the clock and at the place as they are now."""
        self._async_end()
        self._follow_no_more = async_track_time_change(
            self._hass, self._async_midnight, hour=0, minute=0, second=0
        )

    @callback
    def _async_end(self) -> None:
        if self._follow_no_more is not None:
            self._follow_no_more()
            self._follow_no_more = None

    async def _async_midnight(self, _now: datetime) -> None:
        await self.async_begin()

    async def _async_home_changed(self, _event: Event) -> None:
        """Tell estimates by the clock of the home, and repairs in its language."""
        await async_words(self._hass, self._hass.config.language)
        if self._coordinator.stopped:
            return
        self._async_follow()
        await self._async_judge_and_show()

    async def _async_judge_and_show(self) -> None:
        await self._coordinator.async_judge_all()
        # What the person was promised is read by the clock at home too.
        await self._async_show()

    async def _async_show(self) -> None:
        """Show anew what depends on the day, or on the clock at home."""
        coordinator = self._coordinator
        # The words of repairs depend on the day, and on the language.
        for parcel_id, parcel in coordinator.data.items():
            async_judge_alerts(self._hass, parcel, coordinator.journals[parcel_id])
        async for subject in in_turns([*coordinator.data, None]):
            coordinator.async_show_anew([subject])
