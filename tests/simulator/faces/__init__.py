"""The providers that the simulator speaks as: one module each, one line here."""

from collections.abc import Mapping
from typing import Final

from .aftership import AfterShipFace
from .base import Face
from .bring import BringFace
from .cainiao import CainiaoFace
from .canada_post import CanadaPostFace
from .dhl import DhlFace
from .fedex import FedexFace
from .inpost import InpostFace
from .la_poste import LaPosteFace
from .nova_post import NovaPostFace
from .parcel_app import ParcelAppFace
from .postnord import PostNordFace
from .seventeentrack import SeventeenTrackFace
from .ship24 import Ship24Face
from .ups import UpsFace
from .usps import UspsFace

FACES: Final[Mapping[str, type[Face]]] = {
    face.provider: face
    for face in (
        CainiaoFace,
        SeventeenTrackFace,
        DhlFace,
        FedexFace,
        UpsFace,
        UspsFace,
        ParcelAppFace,
        LaPosteFace,
        InpostFace,
        NovaPostFace,
        CanadaPostFace,
        PostNordFace,
        BringFace,
        Ship24Face,
        AfterShipFace,
    )
}
