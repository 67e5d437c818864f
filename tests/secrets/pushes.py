"""What a provider pushes, full of secrets, and what others make of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentryDataWithId
from tests.conftest import parcel_data
from tests.simulator.faces import FACES
from tests.simulator.faces.base import Terms
from tests.simulator.pushing import Forgery, Push, proven

from .house import Vault
from .planted import Kind, figures, letters, words

PUSHING: Final = ("seventeentrack", "ship24", "aftership")
_SIGNS_NO_BODY: Final = {"ship24"}

type _Said = Callable[[Kind], str]


def pushed_id(provider: str) -> str:
    """Return the id of the parcel of which a provider sends news."""
    return f"01JPUSHED{letters(f'{provider} pushed', 16).upper()}"


def pushed_parcel(vault: Vault, provider: str) -> ConfigSubentryDataWithId:
    """Return a parcel that a provider is asked about, of which all is said."""
    owner = pushed_id(provider)

    def said(kind: Kind, value: str) -> str:
        return vault.plant(kind, value, owner)

    number = said(Kind.NUMBER, f"QX{figures(f'{provider} pushed', 14)}")
    return parcel_data(
        number,
        owner,
        said(Kind.NAME, words(f"{provider} pushed name")),
        provider=provider,
        postal_code=said(Kind.POSTAL_CODE, letters(f"{provider} post", 10).upper()),
        phone_last4=said(Kind.PHONE, figures(f"{provider} phone", 4)),
    )


def plant_news(vault: Vault, provider: str) -> None:
    """Plant what a provider knows of a parcel, whether anybody reads it or not."""
    for kind in (Kind.DESCRIPTION, Kind.LOCATION, Kind.RECIPIENT, *_READ[provider]):
        vault.plant(kind, words(f"{provider} pushed {kind}"), pushed_id(provider))


def pushes(
    vault: Vault, provider: str, secret: str, moment: str
) -> Iterator[tuple[str, int, Push]]:
    """Yield what is sent, in words, with the answer that it must get.

    ``moment`` is when the carrier wrote the line that is news (ISO 8601, in UTC).
    """
    owner = pushed_id(provider)
    face = FACES[provider](Terms(now=_never))
    message = _MESSAGES[provider](lambda kind: vault.value(kind, owner), moment)
    for forgery in Forgery:
        if forgery is not Forgery.ANOTHER_BODY or provider not in _SIGNS_NO_BODY:
            yield forgery, 401, proven(face, message, secret, forgery)
    genuine = proven(face, message, secret)
    yield "genuine", 200, genuine
    yield "replayed", 200, genuine
    yield "no message", 401, proven(face, [message], secret)


def _never() -> Any:
    raise AssertionError("a proof needs no clock")


def _seventeentrack(said: _Said, moment: str) -> object:
    event = {
        "time_iso": moment,
        "time_utc": moment,
        "description": said(Kind.DESCRIPTION),
        "location": said(Kind.LOCATION),
        "sub_status": "InTransit_CustomsProcessing",
        "address": {"country": "US", "street": said(Kind.RECIPIENT)},
    }
    return {
        "event": "TRACKING_UPDATED",
        "data": {
            "number": said(Kind.NUMBER),
            "carrier": 21051,
            # What it was told of a parcel, it says again.
            "destination_postal_code": said(Kind.POSTAL_CODE),
            "phone_number_last_4": said(Kind.PHONE),
            "consignee": said(Kind.RECIPIENT),
            "track_info": {
                "latest_status": {"status": "InTransit"},
                "tracking": {
                    "providers": [
                        {
                            "provider": {"key": 21051, "name": "USPS"},
                            "latest_sync_time": moment,
                            "events": [event],
                        }
                    ]
                },
            },
        },
    }


def _ship24(said: _Said, moment: str) -> object:
    number = said(Kind.NUMBER)
    return {
        "trackings": [
            {
                "tracker": {"trackerId": "84f4a455", "trackingNumber": number},
                "shipment": {
                    "statusMilestone": "delivered",
                    "trackingNumbers": [{"tn": number}],
                    "delivery": {"signedBy": said(Kind.SIGNATURE)},
                    "recipient": {"name": said(Kind.RECIPIENT)},
                },
                "events": [
                    {
                        "eventId": "7657df44",
                        "trackingNumber": number,
                        "status": said(Kind.DESCRIPTION),
                        "occurrenceDatetime": moment,
                        "location": said(Kind.LOCATION),
                        "courierCode": "us-post",
                        "statusCode": "delivery_delivered",
                        "statusCategory": "delivery",
                        "statusMilestone": "delivered",
                    }
                ],
                "metadata": {"generatedAt": moment},
            }
        ]
    }


def _aftership(said: _Said, moment: str) -> object:
    return {
        "event": "tracking_update",
        "ts": 1795882761,
        "msg": {
            "tracking_number": said(Kind.NUMBER),
            "slug": "usps",
            "updated_at": moment,
            "title": said(Kind.RECIPIENT),
            "destination_postal_code": said(Kind.POSTAL_CODE),
            "tag": "Delivered",
            "subtag": "Delivered_001",
            "signed_by": said(Kind.SIGNATURE),
            "checkpoints": [
                {
                    "slug": "usps",
                    "checkpoint_time": moment,
                    "location": said(Kind.LOCATION),
                    "message": said(Kind.DESCRIPTION),
                    "tag": "Delivered",
                    "subtag": "Delivered_001",
                }
            ],
        },
    }


_MESSAGES: Final[Mapping[str, Callable[[_Said, str], object]]] = {
    "seventeentrack": _seventeentrack,
    "ship24": _ship24,
    "aftership": _aftership,
}
_READ: Final[Mapping[str, tuple[Kind, ...]]] = {
    "seventeentrack": (),
    "ship24": (Kind.SIGNATURE,),
    "aftership": (Kind.SIGNATURE,),
}
"""What is read of a provider beside descriptions and places."""
