"""Recognise a tracking number: its format, its check digit, its likely carriers."""

from .carriers import CARRIERS, Carrier, carrier_name, tracking_url
from .normalise import normalise, plausible
from .recognise import Candidate, recognise
from .s10 import issuing_country

__all__ = [
    "CARRIERS",
    "Candidate",
    "Carrier",
    "carrier_name",
    "issuing_country",
    "normalise",
    "plausible",
    "recognise",
    "tracking_url",
]
