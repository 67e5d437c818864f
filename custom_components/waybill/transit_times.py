"""What is typical of each parcel's route, kept across restarts."""

from typing import Any, Final

from homeassistant.core import callback

from .disk import Disk
from .file_issues import Kind
from .kept_file import KeptFile
from .tracking.parcel import Parcel
from .tracking.transit_times import Route, TransitHistory, Typical, route_of, sample_of

_DELAY: Final = 30
"""Seconds; a parcel is delivered seldom, and several often at once."""


class TransitTimes:
    """Learns from each parcel that is delivered.

    What changes something answers with the parcels whose typical time is
    another now.
    """

    def __init__(self, disk: Disk) -> None:
        """Know nothing before ``async_load``."""
        self._history = TransitHistory()
        self._typical: dict[Route, Typical] = {}
        self._routes: dict[str, Route | None] = {}
        self._parcels: dict[Route | None, set[str]] = {}
        self._unsaved = False
        self._file: KeptFile[dict[str, Any]] = disk.file(
            "transit_times", Kind.MEMORY, dict
        )

    async def async_load(self) -> None:
        """Take up what was learned."""
        self._history.restore(await self._file.async_load() or {})
        for route in self._history.routes:
            self._judge(route)

    @callback
    def note(self, parcel: Parcel) -> set[str]:
        """Learn from a parcel as it is now, also where it was delivered long ago."""
        parcel_id, route = parcel.parcel_id, route_of(parcel)
        self._follow(parcel_id, route)
        sample = sample_of(parcel)
        if route is not None and sample is not None:
            return self._changed(self._history.add(parcel_id, route, sample))
        return self.forget(parcel_id)

    @callback
    def typical(self, parcel: Parcel) -> Typical | None:
        """Return what is typical of a parcel's route; None of fewer than five."""
        route = route_of(parcel)
        return self._typical.get(route) if route is not None else None

    @callback
    def forget(self, parcel_id: str) -> set[str]:
        """Leave out how long a parcel took."""
        return self._changed(self._history.forget(parcel_id))

    @callback
    def leave(self, parcel_id: str) -> None:
        """Keep what was learned of a parcel that is followed no more."""
        self._parcels.get(self._routes.pop(parcel_id, None), set()).discard(parcel_id)

    async def async_flush(self) -> None:
        """Write now what was to be written later."""
        if self._unsaved:
            await self._file.async_save(self._as_dict())

    def _follow(self, parcel_id: str, route: Route | None) -> None:
        if self._routes.get(parcel_id) != route:
            self.leave(parcel_id)
            self._routes[parcel_id] = route
            self._parcels.setdefault(route, set()).add(parcel_id)

    def _changed(self, routes: set[Route]) -> set[str]:
        """Keep what was learned; returns the parcels that show something else."""
        if routes:
            self._unsaved = True
            self._file.async_delay_save(self._as_dict, _DELAY)
        return {
            parcel_id
            for route in routes
            if self._judge(route)
            for parcel_id in self._parcels.get(route, ())
        }

    def _judge(self, route: Route) -> bool:
        """Work out what is typical of a route; says whether that is new."""
        known, typical = self._typical.get(route), self._history.typical(route)
        if typical is None:
            self._typical.pop(route, None)
        else:
            self._typical[route] = typical
        return typical != known

    def _as_dict(self) -> dict[str, Any]:
        self._unsaved = False
        return self._history.as_dict()
