"""What is derived from each parcel, anew only from those that changed."""

from collections.abc import Callable, Collection, Hashable, Mapping

from .tracking.parcel import Parcel


class PerParcel[Derived]:
    """Keeps what ``derive`` makes of each parcel."""

    def __init__(self, derive: Callable[[Parcel], Derived]) -> None:
        """Begin without parcels."""
        self._derive = derive
        self._surroundings: Hashable = None
        self._derived: dict[str, tuple[Parcel, Derived]] = {}

    @property
    def values(self) -> Collection[Derived]:
        """What was made of the parcels."""
        return [derived for _, derived in self._derived.values()]

    def take_over(self, parcels: Mapping[str, Parcel], surroundings: Hashable) -> bool:
        """Take parcels over as they are now; says whether anything is derived anew.

        ``surroundings`` is what counts beside the parcel, such as the time zone.
        """
        known = self._derived
        current = known if surroundings == self._surroundings else {}
        changed = {
            parcel_id: (parcel, self._derive(parcel))
            for parcel_id, parcel in parcels.items()
            if parcel_id not in current or current[parcel_id][0] is not parcel
        }
        self._surroundings = surroundings
        if not changed and known.keys() == parcels.keys():
            return False
        self._derived = {
            parcel_id: changed.get(parcel_id) or known[parcel_id]
            for parcel_id in parcels
        }
        return known.keys() != parcels.keys() or any(
            known[parcel_id][1] != derived
            for parcel_id, (_, derived) in changed.items()
        )
