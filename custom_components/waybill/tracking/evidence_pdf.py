"""A dispute file as PDF, with the fonts for what carriers write in it.

Making one takes seconds: fonts are large. Nothing of it is loaded before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import singledispatchmethod
from io import BytesIO
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast, override

from .evidence_page import (
    Cell,
    Command,
    Facts,
    Figures,
    Heading,
    Page,
    Picture,
    Table,
    Text,
    Tone,
)

if TYPE_CHECKING:
    from fpdf import FPDF

_INK: Final = (28, 39, 51)
_SOFT: Final = (91, 104, 117)
_BLUE: Final = (11, 92, 173)
_SHADE: Final = (244, 246, 248)
_LINE: Final = (217, 223, 229)
_BOXES: Final = {
    Tone.GOOD: ((27, 127, 75), (237, 247, 241)),
    Tone.BAD: ((179, 38, 30), (252, 239, 238)),
}
_MARGIN: Final = 16
_FAMILY: Final = "Noto"
_FALLBACK: Final = "NotoSC"
_PICTURE_HEIGHT: Final = 110
_CELL_PADDING: Final = 1.4
_INSET: Final = 1.5
_BOX: Final = (2, 4)
_SHAPELESS: Final = "□"
_HEADER: Final = 6.5
_FACT_SHARES: Final = (28, 72)
_FACT: Final = (9.5, 4.8)
_TOLD: Final = (8.5, 4.2)
_NOTE: Final = (7.2, 3.5)
"""The size of a text in points, and the height of its lines in millimetres."""
_TALKATIVE: Final = ("fpdf", "fontTools")
"""They log which characters of a carrier's text they have no shape for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pdf:
    """A PDF and how many pages it has."""

    content: bytes = field(repr=False)
    pages: int


def pdf(page: Page) -> Pdf:
    """Lay out a dispute file; takes seconds and reads fonts from disk."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return _Printer(page).print()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """A text of one look."""

    text: str = field(repr=False)
    color: tuple[int, int, int]
    size: tuple[float, float]
    link: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Printed:
    """What a cell holds, line below line."""

    runs: tuple[_Run, ...]


class _Printer:
    """Prints one dispute file."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._pdf, self._shapes = _paper(page)

    def print(self) -> Pdf:
        """Return the file."""
        self._pdf.add_page()
        self._head()
        for block in self._page.blocks:
            self._print(block)
        return Pdf(content=bytes(self._pdf.output()), pages=self._pdf.pages_count)

    def _head(self) -> None:
        self._ink(_BLUE)
        self._line(self._page.kind.upper(), size=9, bold=True, height=5)
        self._ink(_INK)
        self._line(self._page.title, size=21, bold=True, height=9)
        self._ink(_SOFT)
        self._line(self._page.subtitle, size=10.5, height=6)
        self._pdf.ln(4)

    @singledispatchmethod
    def _print(self, block: object) -> None:
        raise TypeError(f"no layout for {type(block).__name__}")

    @_print.register
    def _(self, block: Heading) -> None:
        # A title stays with what it is the title of.
        if self._pdf.will_page_break(32):
            self._pdf.add_page()
        self._pdf.ln(5)
        self._ink(_INK)
        self._line(block.text, size=13, bold=True, height=7)
        self._pdf.set_draw_color(*_BLUE)
        self._pdf.set_line_width(0.5)
        y = self._pdf.get_y() + 0.5
        self._pdf.line(self._pdf.l_margin, y, self._pdf.w - self._pdf.r_margin, y)
        self._pdf.ln(3)

    @_print.register
    def _(self, block: Text) -> None:
        box = _BOXES.get(block.tone)
        if box is None:
            self._ink(_SOFT if block.tone is Tone.QUIET else _INK)
            self._line(block.text, size=9.5, height=4.8)
            self._pdf.ln(1.5)
            return
        edge, shade = box
        self._ink(_INK)
        self._pdf.set_fill_color(*shade)
        self._pdf.set_font(_FAMILY, size=9.5)
        height = self._text(0, 4.8, block.text, padding=_BOX, dry=True)
        if self._pdf.will_page_break(height):
            self._pdf.add_page()
        top = self._pdf.get_y()
        self._line(block.text, size=9.5, height=4.8, fill=True, padding=_BOX)
        self._pdf.set_fill_color(*edge)
        self._pdf.rect(self._pdf.l_margin, top, 1.2, self._pdf.get_y() - top, style="F")
        self._pdf.ln(2.5)

    @_print.register
    def _(self, block: Command) -> None:
        self._ink(_INK)
        self._pdf.set_fill_color(*_SHADE)
        self._pdf.set_font("Courier", size=8)
        self._text(0, 4.2, block.text, padding=_BOX, fill=True)
        self._pdf.ln(2.5)

    @_print.register
    def _(self, block: Figures) -> None:
        gap = 4
        width = (self._pdf.epw - gap * (len(block.facts) - 1)) / len(block.facts)
        top = self._pdf.get_y()
        height = 18
        for number, fact in enumerate(block.facts):
            left = self._pdf.l_margin + number * (width + gap)
            self._pdf.set_fill_color(*_SHADE)
            self._pdf.rect(
                left,
                top,
                width,
                height,
                style="F",
                round_corners=True,
                corner_radius=1.5,
            )
            self._ink(_SOFT)
            self._pdf.set_xy(left, top + 1.5)
            self._pdf.set_font(_FAMILY, size=8)
            self._text(width, 3.6, fact.label, padding=(0, _INSET))
            self._ink(_INK)
            self._pdf.set_xy(left, top + 9)
            self._pdf.set_font(_FAMILY, style="B", size=11)
            self._text(width, 4.4, fact.value, padding=(0, _INSET))
        self._pdf.set_xy(self._pdf.l_margin, top + height + 4)

    @_print.register
    def _(self, block: Facts) -> None:
        widths = _shared(_FACT_SHARES, self._pdf.epw)
        for fact in block.facts:
            cells = (
                _Printed(runs=(_Run(text=fact.label, color=_SOFT, size=_FACT),)),
                _Printed(
                    runs=(
                        _Run(
                            text=fact.value,
                            color=_BLUE if fact.link else _INK,
                            size=_FACT,
                            link=fact.link,
                        ),
                    )
                ),
            )
            height = self._height(cells, widths)
            if self._pdf.will_page_break(height):
                self._pdf.add_page()
            self._row(cells, widths, height)
        self._pdf.ln(3)

    @_print.register
    def _(self, block: Table) -> None:
        widths = _shared(block.widths, self._pdf.epw)
        for number, row in enumerate(block.rows):
            cells = tuple(_printed(cell) for cell in row)
            height = self._height(cells, widths)
            # The headers are never left alone at the foot of a page.
            over = self._pdf.will_page_break(height + (0 if number else _HEADER))
            if over:
                self._pdf.add_page()
            if over or not number:
                self._headers(block, widths)
            self._row(cells, widths, height)
        self._pdf.ln(3)

    def _headers(self, block: Table, widths: Sequence[float]) -> None:
        self._ink(_SOFT)
        self._pdf.set_fill_color(*_SHADE)
        self._pdf.set_font(_FAMILY, style="B", size=8)
        top, left = self._pdf.get_y(), self._pdf.l_margin
        self._pdf.rect(left, top, self._pdf.epw, _HEADER, style="F")
        for header, width in zip(block.headers, widths, strict=True):
            self._pdf.set_xy(left + _INSET, top)
            self._pdf.cell(width - _INSET, _HEADER, header)
            left += width
        self._pdf.set_xy(self._pdf.l_margin, top + _HEADER)

    def _height(self, cells: Sequence[_Printed], widths: Sequence[float]) -> float:
        """Return how high a row is, in millimetres."""
        heights = [
            sum(self._run(run, width, dry=True) for run in cell.runs)
            for cell, width in zip(cells, widths, strict=True)
        ]
        return max(heights) + 2 * _CELL_PADDING

    def _row(
        self, cells: Sequence[_Printed], widths: Sequence[float], height: float
    ) -> None:
        """Print a row, whose height is known, and a line below it."""
        top, left = self._pdf.get_y(), self._pdf.l_margin
        for cell, width in zip(cells, widths, strict=True):
            self._pdf.set_xy(left, top + _CELL_PADDING)
            for run in cell.runs:
                self._pdf.set_x(left)
                self._run(run, width, dry=False)
            left += width
        bottom = top + height
        self._pdf.set_draw_color(*_LINE)
        self._pdf.set_line_width(0.2)
        self._pdf.line(self._pdf.l_margin, bottom, left, bottom)
        self._pdf.set_xy(self._pdf.l_margin, bottom)

    @_print.register
    def _(self, block: Picture) -> None:
        from PIL import Image  # noqa: PLC0415

        with Image.open(BytesIO(block.jpeg)) as image:
            width = min(self._pdf.epw, _PICTURE_HEIGHT * image.width / image.height)
            height = width * image.height / image.width
            if self._pdf.will_page_break(height + 12):
                self._pdf.add_page()
            self._pdf.image(image, w=width, h=height)
        self._pdf.ln(1)
        self._ink(_SOFT)
        self._line(block.caption, size=8, height=4)
        self._pdf.ln(3)

    def _run(self, run: _Run, width: float, *, dry: bool) -> float:
        """Print a text in a column, or only measure it; returns its height."""
        size, line = run.size
        self._pdf.set_font(_FAMILY, size=size)
        self._ink(run.color)
        return self._text(
            width, line, run.text, padding=(0, _INSET), link=run.link, dry=dry
        )

    def _text(
        self,
        width: float,
        line: float,
        text: str,
        *,
        padding: tuple[float, float] = (0, 0),
        fill: bool = False,
        link: str | None = None,
        dry: bool = False,
    ) -> float:
        """Print a text from where the pen is, or only measure it.

        Returns its height, in millimetres. ``padding`` is above and beside it.
        """
        from fpdf.util import Padding  # noqa: PLC0415

        above, beside = padding
        height = self._pdf.multi_cell(
            width, line, self._shown(text), align="L", fill=fill, link=link,
            padding=Padding(top=above, right=beside, bottom=above, left=beside),
            dry_run=dry, output="HEIGHT", new_x="LMARGIN", new_y="NEXT",
        )  # fmt: skip
        return cast("float", height)

    def _shown(self, text: str) -> str:
        """Return a text with a mark in place of what no font has a shape for."""
        return "".join(
            char if ord(char) in self._shapes else _SHAPELESS for char in text
        )

    def _line(
        self,
        text: str,
        *,
        size: float,
        height: float,
        bold: bool = False,
        fill: bool = False,
        padding: tuple[float, float] = (0, 0),
    ) -> None:
        self._pdf.set_font(_FAMILY, style="B" if bold else "", size=size)
        self._text(0, height, text, padding=padding, fill=fill)

    def _ink(self, color: tuple[int, int, int]) -> None:
        self._pdf.set_text_color(*color)


def _printed(cell: Cell) -> _Printed:
    notes = (_Run(text=note, color=_SOFT, size=_NOTE) for note in cell.notes)
    return _Printed(runs=(_Run(text=cell.text, color=_INK, size=_TOLD), *notes))


def _shared(shares: Sequence[int], width: float) -> list[float]:
    """Return the widths of columns, in millimetres."""
    return [width * share / sum(shares) for share in shares]


def _paper(page: Page) -> tuple[FPDF, frozenset[int]]:
    """Return empty paper of A4, and the characters that its fonts have shapes for."""
    import fontpkg_noto_sans  # noqa: PLC0415
    from fpdf import FPDF  # noqa: PLC0415
    from fpdf.fonts import TTFFont  # noqa: PLC0415
    import pylopdf_fonts_zh_cn  # noqa: PLC0415

    class Paper(FPDF):
        @override
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font(_FAMILY, size=8)
            self.set_text_color(*_SOFT)
            self.cell(0, 5, page.footer)
            self.set_x(self.l_margin)
            number = page.page_of.replace("{page}", str(self.page_no()))
            self.cell(0, 5, number.replace("{pages}", "{nb}"), align="R")

    paper = Paper(format="A4")
    noto = Path(fontpkg_noto_sans.__file__).parent / "files" / "NotoSans[wdth,wght].ttf"
    paper.add_font(_FAMILY, fname=noto)
    paper.add_font(_FAMILY, style="B", fname=noto, variations={"wght": 700.0})
    paper.add_font(_FALLBACK, fname=pylopdf_fonts_zh_cn.sans_path())
    paper.set_fallback_fonts([_FALLBACK], exact_match=False)
    paper.set_margin(_MARGIN)
    paper.c_margin = 0
    paper.set_auto_page_break(True, margin=18)
    paper.set_lang(page.language)
    paper.set_title(f"{page.kind}: {page.title}")
    paper.set_creator("Waybill")
    shapes = frozenset().union(
        *(font.cmap for font in paper.fonts.values() if isinstance(font, TTFFont))
    )
    return paper, shapes
