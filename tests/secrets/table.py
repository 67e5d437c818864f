"""Which secret may be where. What is not here may be nowhere."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from .planted import Detector, Found, Kind, Secret


class Place(StrEnum):
    """Where something could leak."""

    LOG = "log"
    DIAGNOSTICS = "diagnostics"
    HEALTH = "system health"
    ERROR = "error of an action, a command or a flow"
    REPAIR = "repair, and what it offers"
    STATE = "state and attributes of a parcel or an account"
    HUB_STATE = "state and attributes of the hub"
    REGISTRY = "registries of devices and entities"
    EVENT = "event on the bus"
    ANSWER = "answer of an action"
    LIVE = "websocket"
    LETTER = "letter to a seller"
    LIST = "calendar and to-do list"
    MODEL = "what a language model reads"
    VOICE = "what a voice says"
    LOGBOOK = "activity log"
    FORM = "form of a flow"
    WEBHOOK = "answer to a push"
    FILE_NAME = "name of a file"
    STORED = "Waybill's own files"
    DISPUTE_FILE = "dispute file"
    EXPORT = "export of the journals"


_OF_ITS_OWN: Final = {
    Place.ANSWER,
    Place.DISPUTE_FILE,
    Place.EXPORT,
    Place.LIVE,
    Place.STORED,
}
"""Where a person is told all of their parcel."""

MAY_BE_IN: Final[Mapping[Kind, set[Place]]] = {
    Kind.CREDENTIAL: set(),
    # A form that is not taken shows what stood in it, to whoever filled it in.
    Kind.TYPED: {Place.FORM},
    Kind.TOKEN: set(),
    Kind.PUSH_SECRET: set(),
    # Whoever has just typed a number, or asks for the address, is shown it.
    Kind.WEBHOOK_ID: {Place.FORM},
    Kind.WRONG_NUMBER: {Place.FORM},
    Kind.ACCOUNT: {Place.FORM, Place.REGISTRY, Place.REPAIR, Place.STATE},
    # The hub tells a milestone of any parcel, and its calendar holds the link.
    Kind.NUMBER: {
        *_OF_ITS_OWN,
        Place.EVENT,
        Place.FORM,
        Place.HUB_STATE,
        Place.LETTER,
        Place.LIST,
        # It is what a parcel without a name is called.
        Place.LOGBOOK,
        Place.REGISTRY,
        Place.REPAIR,
        Place.STATE,
    },
    # An error says which parcel it is about, by what the person called it.
    Kind.NAME: {
        *_OF_ITS_OWN,
        Place.ERROR,
        Place.EVENT,
        Place.FORM,
        Place.HUB_STATE,
        Place.LIST,
        Place.LOGBOOK,
        Place.MODEL,
        Place.REGISTRY,
        Place.REPAIR,
        Place.STATE,
        Place.VOICE,
    },
    Kind.SELLER: {*_OF_ITS_OWN, Place.FORM, Place.MODEL, Place.REPAIR},
    Kind.ORDER_URL: {*_OF_ITS_OWN, Place.FORM, Place.REPAIR},
    Kind.ORDER_NUMBER: {*_OF_ITS_OWN, Place.FORM, Place.LETTER},
    # A dispute file is for others to read.
    Kind.NOTES: {*_OF_ITS_OWN, Place.FORM} - {Place.DISPUTE_FILE},
    Kind.POSTAL_CODE: {Place.EXPORT, Place.FORM, Place.STORED},
    Kind.PHONE: {Place.EXPORT, Place.FORM, Place.STORED},
    Kind.SIGNATURE: _OF_ITS_OWN,
    Kind.PICKUP_POINT: {
        *_OF_ITS_OWN,
        Place.HUB_STATE,
        Place.LIST,
        Place.STATE,
        Place.VOICE,
    },
    Kind.DESCRIPTION: {
        *_OF_ITS_OWN,
        Place.EVENT,
        Place.HUB_STATE,
        Place.LETTER,
        Place.LIST,
        Place.MODEL,
        Place.REPAIR,
        Place.STATE,
    },
    Kind.WORDS: {Place.DISPUTE_FILE, Place.EXPORT, Place.STORED},
    Kind.LOCATION: {
        *_OF_ITS_OWN,
        Place.EVENT,
        Place.HUB_STATE,
        Place.LETTER,
        Place.LIST,
        Place.MODEL,
        Place.STATE,
        Place.VOICE,
    },
    Kind.CODE: _OF_ITS_OWN - {Place.LIVE},
    # What a provider sent is proof, whoever it names.
    Kind.RECIPIENT: {Place.DISPUTE_FILE},
    Kind.PHOTO_PATH: {Place.EXPORT, Place.STORED},
    Kind.PROBLEM: {*_OF_ITS_OWN, Place.EVENT, Place.LETTER, Place.REPAIR},
    # A voice repeats what it did not understand.
    Kind.SPOKEN: {Place.VOICE},
    Kind.MAIL: set(),
    Kind.PATH: {Place.ANSWER},
}


type Sighting = tuple[Secret, Found]


def sightings(found: Iterable[Found], secrets: Iterable[Secret]) -> list[Sighting]:
    """Return which secrets were found in what."""
    detector = Detector(secrets)
    return [
        (secret, one) for one in {*found} for secret in detector.secrets_in(one.text)
    ]


def leaks(seen: Iterable[Sighting]) -> set[str]:
    """Return what is where it may not be, in words, without what it is."""
    return {
        f"{secret.kind} in the {one.place}: {one.where}"
        for secret, one in seen
        if not _may(secret, one)
    }


def _may(secret: Secret, one: Found) -> bool:
    if one.place not in MAY_BE_IN[secret.kind]:
        return False
    return one.owner is None or not secret.owners or one.owner in secret.owners
