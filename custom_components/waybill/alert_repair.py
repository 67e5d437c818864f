"""What a person can do about an alert, step by step."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import voluptuous as vol

from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.media_source import async_resolve_media
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
from homeassistant.util import dt as dt_util

from .alert_issues import RETURNED, async_judge_alerts
from .archive import async_archive_parcel
from .const import DOMAIN
from .coordinator import WaybillCoordinator
from .evidence_export import async_export_evidence
from .evidence_files import MIME_TYPES
from .languages import async_error_in_words, async_language_of, async_words, user_here
from .letters import async_letter
from .loaded_entry import loaded_coordinator
from .recorded_events import async_record_event
from .tracking.assessment import AlertKind
from .tracking.model import Stage
from .tracking.parcel import Parcel
from .tracking.patience import put_off
from .tracking.problems import settle

_PATIENCE: Final = timedelta(days=7)
_FORMATS: Final = sorted(MIME_TYPES, key=["pdf", "html", "json"].index)
_LINK_HOLDS: Final = timedelta(hours=1)

_STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    AlertKind.STALLED: ("message", "export", "wait", "received", "archive"),
    AlertKind.LATE: ("message", "export", "wait", "received", "archive"),
    AlertKind.CUSTOMS_ACTION: ("message", "export", "wait", "received", "archive"),
    AlertKind.PICKUP_WAITING: ("received", "export", "archive"),
    AlertKind.PROTECTION_ENDING: ("message", "export", "received", "archive"),
    AlertKind.RETURNING: ("message", "export", "settled", "archive"),
    RETURNED: ("message", "export", "settled", "archive"),
    AlertKind.EXCEPTION: ("message", "export", "received", "settled", "archive"),
    AlertKind.PROBLEM_REPORTED: ("message", "export", "settled", "archive"),
}
"""What makes sense for each alert, in the order in which it is offered."""


class AlertFlow(RepairsFlow):
    """Offers the next steps. Only what ends the alert ends the repair."""

    def __init__(self, parcel_id: str, kind: str) -> None:
        """Help with one alert of a parcel."""
        self._parcel_id = parcel_id
        self._kind = kind

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say what it is about, and what can be done."""
        coordinator = self._coordinator
        if coordinator is None:
            return self.async_abort(reason="not_followed")
        # The days that it speaks of may have passed since it was raised.
        self._judge_again(coordinator)
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        if issue is None:
            return self.async_abort(reason="over")
        return self.async_show_menu(
            step_id="init",
            menu_options=list(_STEPS[self._kind]),
            description_placeholders=issue.translation_placeholders,
        )

    async def async_step_message(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show the message to the seller, to be copied."""
        if user_input is not None:
            return await self.async_step_init()
        coordinator = self._coordinator
        if coordinator is None:
            return self.async_abort(reason="not_followed")
        parcel = coordinator.data[self._parcel_id]
        occasion = self._occasion(parcel)
        if occasion is None:
            return self.async_abort(reason="over")
        language = await self._async_language()
        letter = await async_letter(self.hass, parcel, occasion, language)
        field = vol.Optional("message", description={"suggested_value": letter})
        area = TextSelector(TextSelectorConfig(multiline=True))
        return self.async_show_form(
            step_id="message", data_schema=vol.Schema({field: area}), last_step=False
        )

    async def async_step_export(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Save the dispute file, and say where it is."""
        if user_input is not None:
            return await self._async_export(user_input["format"])
        formats = SelectSelector(
            SelectSelectorConfig(
                options=_FORMATS,
                translation_key="evidence_format",
                mode=SelectSelectorMode.LIST,
            )
        )
        return self.async_show_form(
            step_id="export",
            data_schema=vol.Schema(
                {vol.Required("format", default=_FORMATS[0]): formats}
            ),
            last_step=False,
        )

    async def async_step_exported(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Go back to what else can be done."""
        return await self.async_step_init()

    async def async_step_wait(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say no more of it for a week."""

        async def wait(coordinator: WaybillCoordinator) -> None:
            until = dt_util.utcnow() + coordinator.tempo.span(_PATIENCE)
            await self._async_put_off(coordinator, until)

        return await self._async_do(wait)

    async def async_step_received(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Write down that the person has it."""

        async def receive(coordinator: WaybillCoordinator) -> None:
            words = await async_words(self.hass, await self._async_language())
            if self._parcel_id not in coordinator.data:
                # It was removed this very moment.
                return
            await async_record_event(
                coordinator,
                self._parcel_id,
                stage=Stage.DELIVERED,
                description=words["received_by_hand"],
            )

        return await self._async_do(receive)

    async def async_step_archive(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Put the parcel away, with all that is known of it."""
        return await self._async_do(
            partial(async_archive_parcel, parcel_id=self._parcel_id)
        )

    async def async_step_settled(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say no more of it."""

        async def settled(coordinator: WaybillCoordinator) -> None:
            now = dt_util.utcnow()
            if self._kind == AlertKind.PROBLEM_REPORTED:
                await coordinator.async_change_journal(
                    self._parcel_id, lambda journal: settle(journal, now)
                )
                return
            await self._async_put_off(coordinator, None)

        return await self._async_do(settled)

    async def _async_put_off(
        self, coordinator: WaybillCoordinator, until: datetime | None
    ) -> None:
        """Put off this alert, and no other of its kind that may come."""
        since = next(
            (
                alert.since
                for alert in coordinator.data[self._parcel_id].alerts
                if alert.kind == self._kind
            ),
            None,
        )
        if since is None and self._kind != RETURNED:
            # It is over already, and the next one is not meant.
            return
        await coordinator.async_change_journal(
            self._parcel_id,
            lambda journal: put_off(journal, self._kind, until, since),
        )

    async def _async_do(
        self, act: Callable[[WaybillCoordinator], Awaitable[object]]
    ) -> RepairsFlowResult:
        """Do what ends the alert; a repair that is true all the same comes back."""
        coordinator = self._coordinator
        if coordinator is None:
            return self.async_abort(reason="not_followed")
        try:
            await act(coordinator)
        except HomeAssistantError as err:
            return await self._async_abort_with("failed", err)
        self.hass.loop.call_soon(self._judge_again, coordinator)
        return self.async_create_entry(data={})

    def _judge_again(self, coordinator: WaybillCoordinator) -> None:
        parcel = coordinator.data.get(self._parcel_id)
        if parcel is not None:
            async_judge_alerts(self.hass, parcel, coordinator.journals[self._parcel_id])

    async def _async_export(self, file_format: str) -> RepairsFlowResult:
        coordinator = self._coordinator
        if coordinator is None:
            return self.async_abort(reason="not_followed")
        try:
            saved = await async_export_evidence(
                coordinator,
                coordinator.config_entry.subentries[self._parcel_id],
                file_format,
                user_here(),
            )
            media = await async_resolve_media(
                self.hass, saved["media_content_id"], None
            )
        except HomeAssistantError as err:
            return await self._async_abort_with("export_failed", err)
        words = await async_words(self.hass, await self._async_language())
        url = async_sign_path(self.hass, media.url, _LINK_HOLDS)
        return self.async_show_form(
            step_id="exported",
            data_schema=vol.Schema({}),
            description_placeholders={
                # Without a target, the frontend would look for a page of its own.
                "link": f'<a href="{url}" target="_blank">{words["link_open"]}</a>',
                "path": saved["path"],
                "sha256": saved["sha256"],
            },
            last_step=False,
        )

    async def _async_abort_with(
        self, reason: str, error: HomeAssistantError
    ) -> RepairsFlowResult:
        """Leave the repair as it is, and say why."""
        language = await self._async_language()
        told = await async_error_in_words(self.hass, error, language)
        return self.async_abort(reason=reason, description_placeholders={"error": told})

    def _occasion(self, parcel: Parcel) -> str | None:
        """Return what the letter is about; None where there is nothing any more."""
        if self._kind == RETURNED:
            return AlertKind.RETURNING
        if self._kind != AlertKind.PROBLEM_REPORTED:
            return self._kind
        problem = parcel.open_problem
        return problem.problem if problem is not None else None

    async def _async_language(self) -> str:
        return await async_language_of(self.hass, user_here())

    @property
    def _coordinator(self) -> WaybillCoordinator | None:
        """Whoever follows the parcel, if it is followed still."""
        coordinator = loaded_coordinator(self.hass)
        if coordinator is None or self._parcel_id not in coordinator.data:
            return None
        return coordinator
