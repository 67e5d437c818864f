"""The providers that the simulator speaks as: one module each, one line here."""

from collections.abc import Mapping
from typing import Final

from .base import Face
from .cainiao import CainiaoFace
from .dhl import DhlFace
from .seventeentrack import SeventeenTrackFace

FACES: Final[Mapping[str, type[Face]]] = {
    face.provider: face for face in (CainiaoFace, SeventeenTrackFace, DhlFace)
}
