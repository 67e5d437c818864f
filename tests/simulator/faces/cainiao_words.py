"""Cainiao's vocabulary: codes, words, groups, statuses, countries."""

from collections.abc import Mapping
from typing import Final

from ..journeys import Direction, Kind, Stage

WORDS: Final[Mapping[Kind, tuple[str, str, str]]] = {
    Kind.ORDERED: ("GWMS_ACCEPT", "Order received", "Order received successfully"),
    Kind.LABEL_MADE: ("CONSIGN", "Order submitted", "Shipment information received"),
    Kind.PACKED: ("GWMS_PACKAGE", "Package completed", "Package ready for shipping"),
    Kind.PICKED_UP: (
        "PU_PICKUP_SUCCESS",
        "Accepted by carrier",
        "Received by logistics company",
    ),
    Kind.AT_WAREHOUSE: (
        "CW_INBOUND",
        "Inbound in warehouse",
        "Arrived at departure transport hub",
    ),
    Kind.LEFT_WAREHOUSE: (
        "CW_OUTBOUND",
        "Outbound in warehouse",
        "Left from departure transport hub",
    ),
    Kind.AT_SORTING: (
        "SC_INBOUND_SUCCESS",
        "Inbound in sorting center",
        "Processing at sorting center",
    ),
    Kind.LEFT_SORTING: (
        "SC_OUTBOUND_SUCCESS",
        "Outbound in sorting center",
        "Departed from sorting center",
    ),
    Kind.ON_THE_WAY: (
        "COMMON_INTRANSIT",
        "Shipment in transit",
        "Shipment on the way",
    ),
    Kind.EXPORT_STARTED: (
        "CC_EX_START",
        "Export customs clearance start",
        "Export customs clearance started",
    ),
    Kind.EXPORT_CLEARED: (
        "CC_EX_SUCCESS",
        "Export customs clearance success",
        "Export customs clearance complete",
    ),
    Kind.WITH_AIRLINE: (
        "LH_HO_AIRLINE",
        "Hand over to airline",
        "Leaving from departure country/region",
    ),
    Kind.DEPARTED: (
        "LH_DEPART",
        "Departed from origin port",
        "Left from departure country/region",
    ),
    Kind.ARRIVED: (
        "LH_ARRIVE",
        "Arrived at the station",
        "Arrived at linehaul office",
    ),
    Kind.ANNOUNCED: (
        "LAST_MILE_ASN_NOTIFY",
        "Pre-Shipment Info Sent To Delivery Partner",
        "Shipment information sent to local carrier",
    ),
    Kind.AT_CUSTOMS: (
        "CC_HO_IN_SUCCESS",
        "Arrive at customs",
        "Arrived at customs",
    ),
    Kind.IMPORT_STARTED: (
        "CC_IM_START",
        "Custom clearance start",
        "Import customs clearance started",
    ),
    Kind.CUSTOMS_WAIT: (
        "COMMON_INTRANSIT",
        "wait for customs clearance",
        "Shipment on the way",
    ),
    Kind.CUSTOMS_HELD: (
        "CC_IM_EXCEPTION",
        "Held by customs, duty or documents required",
        "Import customs clearance delay",
    ),
    Kind.IMPORT_CLEARED: (
        "CC_IM_SUCCESS",
        "Custom clearance completed",
        "Import customs clearance complete",
    ),
    Kind.LEFT_CUSTOMS: (
        "CC_HO_OUT_SUCCESS",
        "Leaving customs",
        "Departed from customs",
    ),
    Kind.WITH_LOCAL_CARRIER: (
        "GTMS_ACCEPT",
        "Accepted by last mile",
        "Received by local delivery company",
    ),
    Kind.AT_HUB: (
        "GTMS_SC_ARRIVE",
        "Inbound in distribution center",
        "Arrived at local sorting center",
    ),
    Kind.LEFT_HUB: (
        "GTMS_SC_DEPART",
        "Outbound in distribution center",
        "Departed from local sorting center",
    ),
    Kind.AT_DEPOT: (
        "GTMS_DO_ARRIVE",
        "Arrived at delivery office",
        "Arrived at delivery station",
    ),
    Kind.OUT_FOR_DELIVERY: (
        "GTMS_DO_DEPART",
        "Out for delivery abroad",
        "Out for delivery",
    ),
    Kind.ATTEMPT_FAILED: (
        "GTMS_DEL_FAILURE",
        "Failed delivery attempt, recipient absent",
        "Delivery attempt unsuccessful",
    ),
    Kind.AT_PICKUP_POINT: (
        "GTMS_WAIT_SELF_PICK",
        "Waiting for collection",
        "Package ready for pickup",
    ),
    Kind.PICKUP_NOTICE: (
        "GSTA_INFORM_BUYER",
        "Pick-up notice sent to buyer",
        "Your package is ready for pickup at the collection point",
    ),
    Kind.STATION_SIGNED: (
        "GTMS_STA_SIGNED",
        "Signed by station",
        "Package arrived at pickup point",
    ),
    Kind.LEFT_IN_LOCKER: (
        "GTMS_SIGNED",
        "Delivered to parcel locker",
        "Package delivered to parcel locker",
    ),
    Kind.DELIVERED: ("GTMS_SIGNED", "Parcel delivered", "Package delivered"),
    Kind.COLLECTED: (
        "GSTA_SIGN",
        "Collected by buyer",
        "Package collected from pickup point",
    ),
    Kind.REFUSED: (
        "GTMS_SIGN_FAILURE",
        "Refused by recipient",
        "Package refused by recipient",
    ),
    Kind.RETURNING: (
        "RT_INBOUND",
        "Return to sender",
        "Package is being returned to the sender",
    ),
    Kind.RETURNED: (
        "GTMS_SIGNED",
        "Returned to sender",
        "Package returned to the sender",
    ),
    Kind.LOST: ("EXCEPTION", "Package lost", "Package lost in transit"),
    Kind.DAMAGED: ("EXCEPTION", "Package damaged", "Package damaged in transit"),
}
"""Action code, the carrier's words, Cainiao's clearer ones."""

OWN_NOTICES: Final = frozenset({Kind.ORDERED, Kind.LABEL_MADE, Kind.ANNOUNCED})
"""Cainiao's own lines: milliseconds in the epoch, China's time, no zone told."""

GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "GWMS": ("AE_GROUP_CW_PROCESSING", "In warehouse"),
    "CW": ("AE_GROUP_CW_PROCESSING", "In warehouse"),
    "SC": ("AE_GROUP_SC_PROCESSING", "In transit"),
    "LH": ("AE_GROUP_LH_PROCESSING", "In transit"),
    "LH_ARRIVE": ("AE_GROUP_LH_ARRIVE", "In transit"),
    "GTMS": ("AE_GROUP_DES_PROCESSING", "In transit"),
    "GTMS_DO_DEPART": ("AE_GROUP_DELIVERING", "Out for delivery"),
    "GTMS_SIGNED": ("AE_GROUP_DELIVERED", "Delivered"),
    "GSTA_SIGN": ("AE_GROUP_DELIVERED", "Delivered"),
}
"""By action code, else by what it begins with; customs goes by the direction."""

CUSTOMS_GROUPS: Final[Mapping[Direction, str]] = {
    Direction.EXPORT: "AE_GROUP_EX_CLEARING_CUSTOMS",
    Direction.IMPORT: "AE_GROUP_IM_CLEARING_CUSTOMS",
}

STATUSES: Final[Mapping[Stage, tuple[str, str]]] = {
    Stage.INFO_RECEIVED: ("ORDER_PROCESSING", "Order processing"),
    Stage.SHIPPED: ("TRANSIT", "In transit"),
    Stage.IN_TRANSIT: ("TRANSIT", "In transit"),
    Stage.IN_CUSTOMS: ("CLEAR_CUSTOMS", "In customs "),
    Stage.CUSTOMS_ACTION_REQUIRED: ("CLEAR_CUSTOMS", "In customs "),
    Stage.CUSTOMS_CLEARED: ("CLEAR_CUSTOMS", "In customs "),
    Stage.OUT_FOR_DELIVERY: ("DELIVERING", "Out for delivery"),
    Stage.READY_FOR_PICKUP: ("WAITING_FOR_DELIVERY", "Waiting for pickup"),
    Stage.DELIVERY_FAILED: ("FAILED", "Delivery failed"),
    Stage.DELIVERED: ("DELIVERED", "Delivered"),
    Stage.RETURNING: ("RETURNED", "Returned"),
    Stage.RETURNED: ("RETURNED", "Returned"),
    Stage.EXCEPTION: ("FAILED", "Delivery failed"),
}
MISLEADING: Final = ("DELIVERING", "Package on the way")
"""What the parcel as a whole is called from its landing on."""

COUNTRIES: Final[Mapping[str, str]] = {
    "AU": "Australia",
    "BE": "Belgium",
    "BR": "Brazil",
    "CA": "Canada",
    "CN": "Mainland China",
    "DE": "Germany",
    "EE": "Estonia",
    "ES": "Spain",
    "FR": "France",
    "GB": "United Kingdom",
    "HK": "Hong Kong SAR, China",
    "IN": "India",
    "IT": "Italy",
    "JP": "Japan",
    "NL": "Netherlands",
    "PL": "Poland",
    "UA": "Ukraine",
    "US": "United States",
}

LAST_CARRIERS: Final[Mapping[str, tuple[str, str, str]]] = {
    "usps": ("USPS", "1-800-275-8777", "https://tools.usps.com"),
    "la_poste": ("La Poste - Colissimo", "3631", "https://www.laposte.fr"),
    "post_nl": ("PostNL", "088 225 5555", "https://www.postnl.nl"),
    "omniva": ("Omniva", "+372 661 6616", "https://www.omniva.ee"),
}
