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
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import WaybillCoordinator
from .languages import async_language_of
from .letters import async_letter, occasion_of
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
    with ``steps`` and ``reached`` (see ``guide_steps``). While Waybill does not
    run, ``{"parcels": null}`` is told.
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
    coordinator = _coordinator(hass)
    parcel = coordinator and coordinator.data.get(msg["parcel_id"])
    if not parcel:
        connection.send_error(msg["id"], ERR_NOT_FOUND, "This parcel is not followed")
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
        self._stop_listening: CALLBACK_TYPE | None = None
        self._stop_watching: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> None:
        """Tell of everything, and of each change from now on."""
        self._stop_watching = async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed
        )
        self._begin(_coordinator(self._hass))

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
        coordinator = _coordinator(self._hass)
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
        self._shown = dict(coordinator.data)
        self._tell({"parcels": [_json(self._hass, p) for p in self._shown.values()]})

    @callback
    def _leave(self) -> None:
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None

    @callback
    def _news(self) -> None:
        assert self._coordinator is not None
        before, self._shown = self._shown, dict(self._coordinator.data)
        changed = [
            _json(self._hass, parcel)
            for parcel_id, parcel in self._shown.items()
            if before.get(parcel_id) is not parcel
        ]
        removed = [parcel_id for parcel_id in before if parcel_id not in self._shown]
        if changed or removed:
            self._tell({"changed": changed, "removed": removed})

    @callback
    def _tell(self, message: Mapping[str, Any]) -> None:
        self._connection.send_event(self._subscription, message)


def _coordinator(hass: HomeAssistant) -> WaybillCoordinator | None:
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        coordinator: WaybillCoordinator = entry.runtime_data
        return coordinator
    return None


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
