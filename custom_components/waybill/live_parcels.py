"""What the card shows: all parcels at once, then each one that changes.

Anybody who is signed in may ask, as with the actions.
"""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_NOT_FOUND
from homeassistant.components.websocket_api.decorators import (
    async_response,
    websocket_command,
)
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from .action_errors import action_error
from .const import DOMAIN
from .coordinator import WaybillCoordinator
from .languages import async_language_of
from .letters import async_letter, occasion_of
from .loaded_entry import loaded_coordinator
from .named_parcels import async_followed_parcel
from .tracking.guide_steps import guide_steps
from .tracking.parcel import Parcel
from .tracking.parcel_json import parcel_json

_SUBSCRIBE: Final = f"{DOMAIN}/parcels"
_LETTER: Final = f"{DOMAIN}/letter"


@callback
def async_offer_live_parcels(hass: HomeAssistant) -> None:
    """Answer the card."""
    async_register_command(hass, _subscribe)
    async_register_command(hass, _letter)


@websocket_command({vol.Required("type"): _SUBSCRIBE})
@callback
def _subscribe(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Tell ``{"parcels": [...]}``, then ``{"changed": [...], "removed": [id, ...]}``.

    Parcels are those of the actions without their events and milestones, and
    with ``steps`` and ``reached`` (see ``guide_steps``). ``last_checked``,
    ``next_check`` and ``typical_transit`` are null: they move on without news.
    While Waybill does not run, ``{"parcels": null}`` is told. All parcels are
    told again when it runs again, when a day begins, and when the home moves.
    """
    viewer = _Viewer(hass, connection, msg["id"])
    connection.subscriptions[msg["id"]] = viewer.async_stop
    connection.send_result(msg["id"])
    viewer.async_start()


@websocket_command({vol.Required("type"): _LETTER, vol.Required("parcel_id"): str})
@async_response
async def _letter(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Answer ``{"message": text}``: a letter to the seller, to be copied."""
    try:
        parcel = await _followed(hass, msg)
    except ServiceValidationError as err:
        connection.send_error(
            msg["id"],
            ERR_NOT_FOUND,
            str(err),
            translation_key=err.translation_key,
            translation_domain=err.translation_domain,
            translation_placeholders=err.translation_placeholders,
        )
        return
    language = await async_language_of(hass, connection.user.id)
    letter = await async_letter(hass, parcel, occasion_of(parcel), language)
    connection.send_result(msg["id"], {"message": letter})


class _Viewer:
    """One subscription; it goes on when Waybill is set up anew."""

    def __init__(
        self,
        hass: HomeAssistant,
        connection: ActiveConnection,
        subscription: int,
    ) -> None:
        self._hass = hass
        self._connection = connection
        self._subscription = subscription
        self._coordinator: WaybillCoordinator | None = None
        self._shown: Mapping[str, Parcel] = {}
        self._shown_at: tuple[object, ...] = ()
        self._stop_listening: CALLBACK_TYPE | None = None
        self._stop_watching: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> None:
        """Tell of everything, and of each change from now on."""
        self._stop_watching = async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed
        )
        self._begin(loaded_coordinator(self._hass))

    @callback
    def async_stop(self) -> None:
        """Tell no more."""
        if self._stop_watching is not None:
            self._stop_watching()
            self._stop_watching = None
        self._leave()

    @callback
    def _entry_changed(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain != DOMAIN:
            return
        coordinator = loaded_coordinator(self._hass)
        if coordinator is not self._coordinator:
            self._leave()
            self._begin(coordinator)

    @callback
    def _begin(self, coordinator: WaybillCoordinator | None) -> None:
        self._coordinator = coordinator
        if coordinator is None:
            self._tell({"parcels": None})
            return
        self._stop_listening = coordinator.async_add_listener(self._news)
        self._tell_all(coordinator.data)

    @callback
    def _leave(self) -> None:
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None

    @callback
    def _news(self) -> None:
        assert self._coordinator is not None
        before, now = self._shown, self._coordinator.data
        if _time_and_place(self._hass) != self._shown_at:
            self._tell_all(now)
            return
        changed = [
            told
            for parcel_id, parcel in now.items()
            if (told := self._told_anew(before.get(parcel_id), parcel)) is not None
        ]
        removed = [parcel_id for parcel_id in before if parcel_id not in now]
        if changed or removed:
            self._tell({"changed": changed, "removed": removed})
        self._shown = now

    @callback
    def _told_anew(
        self, known: Parcel | None, parcel: Parcel
    ) -> Mapping[str, Any] | None:
        """Return what is to be told of a parcel; None where that is known."""
        if known is parcel:
            return None
        told = _json(self._hass, parcel)
        # Not all that changes is shown: whether a milestone was announced, say.
        if known is not None and told == _json(self._hass, known):
            return None
        return told

    @callback
    def _tell_all(self, parcels: Mapping[str, Parcel]) -> None:
        at = _time_and_place(self._hass)
        self._tell({"parcels": [_json(self._hass, p) for p in parcels.values()]})
        self._shown, self._shown_at = parcels, at

    @callback
    def _tell(self, message: Mapping[str, Any]) -> None:
        self._connection.send_event(self._subscription, message)


async def _followed(hass: HomeAssistant, named: Mapping[str, Any]) -> Parcel:
    """Return a parcel that is followed. Raises ServiceValidationError."""
    if (coordinator := loaded_coordinator(hass)) is None:
        raise action_error("not_set_up")
    followed = await async_followed_parcel(coordinator, named)
    return coordinator.data[followed.subentry_id]


def _time_and_place(hass: HomeAssistant) -> tuple[object, ...]:
    """Return what else than the parcel itself decides how one is told."""
    return hass.config.country, hass.config.time_zone, dt_util.now().date()


def _json(hass: HomeAssistant, parcel: Parcel) -> dict[str, Any]:
    answer = parcel_json(
        parcel,
        now=dt_util.utcnow(),
        zone=dt_util.get_default_time_zone(),
        last_checked=None,
        next_check=None,
        include_events=False,
    )
    del answer["milestones"]
    steps, reached = guide_steps(parcel, hass.config.country)
    return answer | {"steps": steps, "reached": reached}
