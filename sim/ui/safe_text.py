"""The one gate through which text from scenario files passes on its way into HTML.

Panel's text panes, titles of pmui components and any string put into a layout run HTML that they find in text.
Whatever builds HTML in `sim/ui/` therefore passes every text through `safe`. `bench.js` uses textContent alone,
which needs none; so do the selects of pmui and the texts that Bokeh paints on its canvas.
"""

from __future__ import annotations

from html import escape


def safe(text: object) -> str:
    """Text as HTML that shows exactly this text, inside an element or a quoted attribute."""
    return escape(str(text), quote=True)
