"""Pages of a dispute file as pictures, which a browser's media dialog can show.

Only what Waybill itself wrote comes here: its PDFs, unchanged to the byte.
"""

from io import BytesIO
from threading import Lock
from typing import Final

MAX_PAGES: Final = 300
MAX_WIDTH: Final = 1400
"""The width of a picture, in pixels, where no smaller one is asked for."""

_MIN_WIDTH: Final = 64
_MAX_ASPECT: Final = 3
_PDFIUM: Final = Lock()
"""PDFium is not made for more than one thread at a time."""


def picture(content: bytes, page: int, width: int) -> bytes | None:
    """Return a page (from 1) of a PDF as PNG, None where there is no such page.

    Takes a while: for the executor. ``width`` is in pixels.
    """
    import pypdfium2  # noqa: PLC0415

    with _PDFIUM, pypdfium2.PdfDocument(content) as document:
        if not 1 <= page <= min(len(document), MAX_PAGES):
            return None
        sheet = document[page - 1]
        wide, high = sheet.get_size()
        if wide <= 0 or not 0 < high / wide <= _MAX_ASPECT:
            return None
        pixels = max(_MIN_WIDTH, min(width, MAX_WIDTH))
        # PDFium rounds up.
        image = sheet.render(scale=(pixels - 0.5) / wide).to_pil()
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()
