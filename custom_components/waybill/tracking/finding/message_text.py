"""Read what a person would see of a pasted message, and where its links lead."""

from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
import re
from typing import Final, override
import unicodedata

LONGEST_MESSAGE: Final = 200_000
"""What is pasted beyond it is not read."""

_LONGEST_LINK: Final = 4000
_MOST_LINKS: Final = 500

_TAG: Final = re.compile(r"<(?:!--|!doctype|/?[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]{1,4000}", re.IGNORECASE)

# Quoted-printable, RFC 2045 6.7: whoever copies a message's source copies it too.
_SOFT_BREAK: Final = re.compile(r"=[ \t]{0,8}\r?\n")
_QUOTED_BYTES: Final = re.compile(r"(?:=[0-9A-F]{2})+")
_SIGNS_OF_QUOTING: Final = ("=3D", "=20", "=C2=A0", "=C3=")

# Whoever forwards a message quotes it: "> > Tracking number:".
_QUOTED_LINE: Final = re.compile(r"^[ \t]{0,3}+(?:>[ \t]?)++", re.MULTILINE)

# RFC 5545, 3.1 and 3.3.11: an invitation folds its lines, and writes their ends.
_INVITATION: Final = "BEGIN:VCALENDAR"
_FOLD: Final = re.compile(r"\n[ \t]")
_ESCAPED: Final = re.compile(r"\\([,;])")
# JSON writes them so too.
_WRITTEN_END: Final = re.compile(r"\\{1,2}[nr]")

_BLANKS: Final = re.compile(r"\s+")

# What stands between two pieces of text, the weaker first.
_NOTHING, _BREAK, _CELL, _ROW = range(4)
_SEPARATORS: Final = {_NOTHING: "", _BREAK: "\n", _CELL: "\t", _ROW: "\n"}

_CELLS: Final = frozenset({"td", "th"})
_ROWS: Final = frozenset({"tr", "table", "tbody", "thead"})
_BLOCKS: Final = frozenset(
    {"address", "article", "aside", "blockquote", "body", "br", "center", "dd", "div"}
    | {"dl", "dt", "fieldset", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"}
    | {"header", "hr", "img", "li", "main", "nav", "ol", "option", "p", "pre"}
    | {"section", "select", "ul"}
)
_UNSEEN: Final = frozenset({"script", "style", "template", "title"})

_WIDE: Final = range(0xFF01, 0xFF5F)
_WIDE_OFFSET: Final = 0xFEE0
# Some systems write an accent behind its letter; no word here is told by it.
_ACCENTS: Final = range(0x0300, 0x0370)


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """An address, and after how much of the text it stands."""

    address: str = field(repr=False)
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """The text that can be seen, cells apart by tabs, and the links in order."""

    text: str = field(repr=False)
    links: tuple[Link, ...]


def read_message(source: str) -> Message:
    """Return what ``source`` shows: plain text, HTML or a message's source.

    Quoted-printable is decoded, tags, comments, scripts and styles are dropped,
    entities become characters, the marks of quoting go, an invitation's lines are
    unfolded. Digits of any script and full-width letters become ASCII, every space
    a plain one, every dash a hyphen; what is invisible goes. Addresses leave the
    text and are among the links. Text beyond 200,000 characters is not read. Takes
    time in proportion to the text; never raises.
    """
    source = _unquoted(source[:LONGEST_MESSAGE].replace("\r\n", "\n"))
    if _INVITATION in source:
        source = _ESCAPED.sub(r"\1", _FOLD.sub("", source))
    source = _WRITTEN_END.sub("\n", source)
    if _TAG.search(source):
        page = _Page()
        page.feed(source)
        page.close()
        text, links = page.text, page.links
    else:
        text, links = _QUOTED_LINE.sub("", unescape(source)), []
    text = _plain(text)
    seen = [
        Link(address=match[0], position=match.start())
        for match in _ADDRESS.finditer(text)
    ]
    text = _ADDRESS.sub(lambda match: " " * len(match[0]), text)
    every = sorted([*links, *seen], key=lambda link: link.position)
    return Message(text=text, links=tuple(every[:_MOST_LINKS]))


def _unquoted(text: str) -> str:
    text, breaks = _SOFT_BREAK.subn("", text)
    if breaks or sum(map(text.count, _SIGNS_OF_QUOTING)) > 2:
        text = _QUOTED_BYTES.sub(_decoded, text)
    return text


def _decoded(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("=", "")).decode(errors="replace")


def _plain(text: str) -> str:
    return text.translate({ord(mark): _plain_mark(mark) for mark in set(text)})


def _plain_mark(mark: str) -> str | None:
    if mark in "\n\t":
        return mark
    if ord(mark) in _WIDE:
        return chr(ord(mark) - _WIDE_OFFSET)
    if ord(mark) in _ACCENTS:
        return None
    match unicodedata.category(mark):
        case "Nd":
            return str(unicodedata.decimal(mark))
        case "Cf":
            return None
        case "Zl" | "Zp":
            return "\n"
        case "Zs" | "Cc":
            return " "
        case "Pd":
            return "-"
    return mark


class _Page(HTMLParser):
    """Gathers the text of a page, with its cells and its lines apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[Link] = []
        self._pieces: list[str] = []
        self._length = 0
        self._separator = _NOTHING
        self._unseen = 0

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._separate(tag)
        if tag in _UNSEEN:
            self._unseen += 1
        said = {key: value for key, value in attrs if value}
        if tag == "meta" and said.get("itemprop") == "trackingNumber":
            # Schema.org's ParcelDelivery, which mail programs read.
            self._separator = _ROW
            self._say(f"Tracking number: {said.get('content', '')}")
            self._separator = _ROW
        if address := said.get("href", "").strip():
            if address.startswith(("http://", "https://")):
                self.links.append(
                    Link(address=address[:_LONGEST_LINK], position=self._length)
                )

    @override
    def handle_endtag(self, tag: str) -> None:
        self._separate(tag)
        if tag in _UNSEEN and self._unseen:
            self._unseen -= 1

    @override
    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._say(data)

    def _separate(self, tag: str) -> None:
        wanted = _NOTHING
        if tag in _CELLS:
            wanted = _CELL
        elif tag in _ROWS:
            wanted = _ROW
        elif tag in _BLOCKS:
            wanted = _BREAK
        self._separator = max(self._separator, wanted)

    def _say(self, piece: str) -> None:
        piece = _BLANKS.sub(lambda match: "\n" if "\n" in match[0] else " ", piece)
        if self._separator != _NOTHING:
            if not (piece := piece.lstrip()):
                return
            if self._pieces:
                self._length -= len(self._pieces[-1])
                self._pieces[-1] = self._pieces[-1].rstrip()
                self._length += len(self._pieces[-1])
            piece = _SEPARATORS[self._separator] + piece
            self._separator = _NOTHING
        self._pieces.append(piece)
        self._length += len(piece)
