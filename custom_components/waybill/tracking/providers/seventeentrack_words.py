"""17TRACK's words: the statuses, and the stage that each means.

Documentation: help.17track.net, article 37471096573337. A sub-status decides;
one that is new means what stands before its underscore; where there is none, the
key stage of the event.
"""

from collections.abc import Mapping
from typing import Final

from ..model import Stage

_SUB_STATUSES: Final[Mapping[str, Stage]] = {
    "InfoReceived": Stage.INFO_RECEIVED,
    "InTransit_PickedUp": Stage.SHIPPED,
    "InTransit_Other": Stage.IN_TRANSIT,
    "InTransit_Departure": Stage.IN_TRANSIT,
    "InTransit_Arrival": Stage.IN_TRANSIT,
    "InTransit_TransportArrived": Stage.IN_TRANSIT,
    "InTransit_TransportDeparted": Stage.IN_TRANSIT,
    "InTransit_CustomsProcessing": Stage.IN_CUSTOMS,
    "InTransit_CustomsRequiringInformation": Stage.CUSTOMS_ACTION_REQUIRED,
    "InTransit_CustomsReleased": Stage.CUSTOMS_CLEARED,
    "AvailableForPickup_Other": Stage.READY_FOR_PICKUP,
    "OutForDelivery_Other": Stage.OUT_FOR_DELIVERY,
    "Delivered_Other": Stage.DELIVERED,
    "DeliveryFailure_Other": Stage.DELIVERY_FAILED,
    "DeliveryFailure_NoBody": Stage.DELIVERY_FAILED,
    "DeliveryFailure_Security": Stage.DELIVERY_FAILED,
    "DeliveryFailure_Rejected": Stage.DELIVERY_FAILED,
    "DeliveryFailure_InvalidAddress": Stage.DELIVERY_FAILED,
    "Exception_Returning": Stage.RETURNING,
    "Exception_Returned": Stage.RETURNED,
    "Exception_Other": Stage.EXCEPTION,
    "Exception_NoBody": Stage.EXCEPTION,
    "Exception_Security": Stage.EXCEPTION,
    "Exception_Damage": Stage.EXCEPTION,
    "Exception_Rejected": Stage.EXCEPTION,
    "Exception_Delayed": Stage.EXCEPTION,
    "Exception_Lost": Stage.EXCEPTION,
    "Exception_Destroyed": Stage.EXCEPTION,
    "Exception_Cancel": Stage.EXCEPTION,
    "Expired_Other": Stage.EXPIRED,
}
_MAIN_STATUSES: Final[Mapping[str, Stage]] = {
    # For a sub-status that is new; what stands before its underscore. Of
    # "NotFound" there is nothing to tell.
    "InfoReceived": Stage.INFO_RECEIVED,
    "InTransit": Stage.IN_TRANSIT,
    "AvailableForPickup": Stage.READY_FOR_PICKUP,
    "OutForDelivery": Stage.OUT_FOR_DELIVERY,
    "Delivered": Stage.DELIVERED,
    "DeliveryFailure": Stage.DELIVERY_FAILED,
    "Exception": Stage.EXCEPTION,
    "Expired": Stage.EXPIRED,
}
_KEY_STAGES: Final[Mapping[str, Stage]] = {
    # ``stage`` of an event whose sub-status says nothing.
    "InfoReceived": Stage.INFO_RECEIVED,
    "PickedUp": Stage.SHIPPED,
    "Departure": Stage.IN_TRANSIT,
    "Arrival": Stage.IN_TRANSIT,
    "AvailableForPickup": Stage.READY_FOR_PICKUP,
    "OutForDelivery": Stage.OUT_FOR_DELIVERY,
    "Delivered": Stage.DELIVERED,
    "Returning": Stage.RETURNING,
    "Returned": Stage.RETURNED,
}
INVALID_NUMBER: Final = "NotFound_InvalidCode"


def stage_of(sub_status: str, key_stage: str) -> Stage | None:
    """Return the stage that a status means at import, None for what says nothing."""
    return (
        _SUB_STATUSES.get(sub_status)
        or _MAIN_STATUSES.get(sub_status.partition("_")[0])
        or _KEY_STAGES.get(key_stage)
    )
