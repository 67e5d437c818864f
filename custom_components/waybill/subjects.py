"""A coordinator that calls only the listeners of what changed."""

from collections.abc import Iterable
from typing import Any, override

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

type Subject = str | None
"""Whose changes are listened to: a parcel's or an account's id; None: all parcels."""


class SubjectCoordinator[Data](DataUpdateCoordinator[Data]):
    """Keeps listeners by subject, so that a change costs what changed costs."""

    _watchers: dict[Subject, dict[int, CALLBACK_TYPE]]
    _changed: set[Subject]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin without listeners."""
        super().__init__(*args, **kwargs)
        self._watchers = {}
        self._changed = set()

    @callback
    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: Any = None
    ) -> CALLBACK_TYPE:
        """Listen for changes of one subject (``context``), or of all parcels."""
        remove_listener = super().async_add_listener(update_callback, context)
        watchers = self._watchers.setdefault(context, {})
        token = self._last_listener_id
        watchers[token] = update_callback

        @callback
        def remove() -> None:
            del watchers[token]
            remove_listener()

        return remove

    @callback
    def async_show_anew(self, subjects: Iterable[Subject]) -> None:
        """Call the listeners of subjects that show something else now."""
        self._changed.update(subjects)
        self.async_update_listeners()

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Call the listeners of the subjects that changed."""
        changed, self._changed = self._changed, set()
        for subject in changed:
            for update in list(self._watchers.get(subject, {}).values()):
                try:
                    update()
                except Exception:
                    # One that fails must not keep the others from the news.
                    self.logger.exception("Unexpected error in a listener")
