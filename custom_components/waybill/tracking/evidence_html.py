"""A dispute file as one page of HTML that needs nothing but itself."""

from base64 import b64encode
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined

from .evidence_page import Page

_TEMPLATE: Final = Path(__file__).with_name("evidence.html.jinja")


def html(page: Page) -> str:
    """Lay out a dispute file; reads its template from disk."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["base64"] = lambda data: b64encode(data).decode()
    template = environment.from_string(_TEMPLATE.read_text("utf-8"))
    blocks = [(type(block).__name__, block) for block in page.blocks]
    return template.render(page=page, blocks=blocks)
