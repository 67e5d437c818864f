"""A person before the forms and repairs of a house, as a browser shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_homeassistant_custom_component.common import MockUser

from custom_components.waybill.const import DOMAIN
from homeassistant.core import HomeAssistant

from .harvest import Harvest
from .table import Place

type Shown = dict[str, Any]

_FLOWS: Final = "/api/config/config_entries/flow"
_SUBENTRY_FLOWS: Final = "/api/config/config_entries/subentries/flow"
_REPAIRS: Final = "/api/repairs/issues/fix"


@dataclass(kw_only=True)
class Visitor:
    """Fills in forms; all that a browser is sent is noted, whatever it shows of it."""

    hass: HomeAssistant
    person: MockUser
    browser: Any
    harvest: Harvest

    async def add(self, kind: str) -> Shown:
        """Begin to add a parcel or an account."""
        sent = {"handler": [self.harvest.entry.entry_id, kind]}
        return await self._send(_SUBENTRY_FLOWS, sent)

    async def change(self, kind: str, owner: str) -> Shown:
        """Begin to change a parcel or an account."""
        handler = [self.harvest.entry.entry_id, kind]
        sent = {"handler": handler, "subentry_id": owner}
        return await self._send(_SUBENTRY_FLOWS, sent, owner=owner)

    async def fill(
        self, form: Shown, typed: Mapping[str, Any], owner: str | None = None
    ) -> Shown:
        """Go on from a form of a parcel or an account."""
        url = f"{_SUBENTRY_FLOWS}/{form['flow_id']}"
        return await self._send(url, typed, owner=owner)

    async def look(self, flow_id: str, owner: str | None = None) -> Shown:
        """Open a form that waits, such as one for new credentials."""
        return await self._send(f"{_FLOWS}/{flow_id}", owner=owner)

    async def answer(
        self, form: Shown, typed: Mapping[str, Any], owner: str | None = None
    ) -> Shown:
        """Go on from such a form."""
        return await self._send(f"{_FLOWS}/{form['flow_id']}", typed, owner=owner)

    async def repair(self, issue_id: str, place: Place, owner: str | None) -> Shown:
        """Open a repair."""
        sent = {"handler": DOMAIN, "issue_id": issue_id}
        return await self._send(_REPAIRS, sent, place=place, owner=owner)

    async def choose(
        self, shown: Shown, place: Place, owner: str | None, **typed: Any
    ) -> Shown:
        """Go on from what a repair shows."""
        url = f"{_REPAIRS}/{shown['flow_id']}"
        return await self._send(url, typed, place=place, owner=owner)

    async def _send(
        self,
        url: str,
        sent: Mapping[str, Any] | None = None,
        *,
        place: Place = Place.FORM,
        owner: str | None = None,
    ) -> Shown:
        (session,) = self.person.refresh_tokens.values()
        # The token that the browser began with is not good for days.
        token = self.hass.auth.async_create_access_token(session)
        answer = await self.browser.request(
            "GET" if sent is None else "POST",
            url,
            json=sent,
            headers={"Authorization": f"Bearer {token}"},
        )
        shown: Shown = await answer.json()
        await self.hass.async_block_till_done()
        where = f"{shown.get('step_id') or shown.get('reason') or answer.status}"
        self.harvest.note(place, where, shown, owner)
        return shown
