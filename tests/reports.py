"""Problems as people report them, with photos of their own."""

from io import BytesIO
from typing import Any

from PIL import Image

from homeassistant.core import Context, HomeAssistant

from .conftest import PARCEL_ID


async def report(
    hass: HomeAssistant,
    problem: str = "damaged",
    *,
    context: Context | None = None,
    **data: Any,
) -> dict[str, Any]:
    """Report a problem of the parcel, and return what is answered."""
    return await hass.services.async_call(
        "waybill",
        "report_problem",
        {"parcel_id": PARCEL_ID, "problem": problem, **data},
        blocking=True,
        return_response=True,
        context=context,
    )


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    """Return a photo as a camera would write it."""
    file = BytesIO()
    Image.new("RGB", size, "brown").save(file, kind)
    return file.getvalue()


def box(kind: bytes, content: bytes = b"") -> bytes:
    """Return a box of ISO/IEC 14496-12."""
    return (8 + len(content)).to_bytes(4) + kind + content


def heif(brand: bytes = b"heic") -> bytes:
    """Return what frames a photo of a telephone, as ISO/IEC 23008-12 has it."""
    return (
        box(b"ftyp", brand + bytes(4) + b"mif1" + brand)
        + box(b"meta", bytes(40))
        + box(b"mdat", bytes(100))
    )
