"""What a person writes down of a parcel by hand, for want of a carrier that does."""

from datetime import datetime
from typing import TYPE_CHECKING

from homeassistant.util import dt as dt_util

from .tracking.model import Stage
from .tracking.recording import record_event

if TYPE_CHECKING:
    from .coordinator import WaybillCoordinator


async def async_record_event(
    coordinator: WaybillCoordinator,
    parcel_id: str,
    *,
    stage: Stage | None = None,
    description: str = "",
    time: datetime | None = None,
) -> None:
    """Write a line about a parcel; ``time`` (aware) is now where none is given.

    Its milestones are told as if a carrier had written it.
    """
    now = dt_util.utcnow()
    await coordinator.async_change_journal(
        parcel_id,
        lambda journal: record_event(
            journal,
            stage=stage,
            description=description,
            time=time,
            now=now,
        ),
    )
