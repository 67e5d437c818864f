"""Looks for barriers with axe-core."""

from collections.abc import Sequence
from importlib.resources import files

from playwright.sync_api import Locator

_AXE = files("axe_playwright_python") / "axe.min.js"
_LOOK = """async (element) => {
  const tags = [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
  ];
  const seen = await axe.run(element, { runOnly: { type: "tag", values: tags } });
  if (!seen.passes.length) throw new Error("nothing was looked at");
  return seen.violations.flatMap(({ id, nodes }) => nodes.map((node) => {
    const path = node.target.flat();
    return { rule: id, host: path.at(-2) ?? "", html: node.html, why: node.failureSummary };
  }));
}"""


def barriers(element: Locator) -> Sequence[str]:
    """Return what axe-core finds wrong with an element of ours.

    The colours of Home Assistant's own elements in it are Home Assistant's.
    """
    element.page.evaluate(_AXE.read_text(encoding="utf-8"))
    return [
        f"{found['rule']}: {found['html']}\n{found['why']}"
        for found in element.evaluate(_LOOK)
        if found["rule"] != "color-contrast" or found["host"].startswith("waybill-")
    ]
