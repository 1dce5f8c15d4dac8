"""Colours, dashes and type: the same in every chart, card and lever, told apart by colour-blind readers too."""

from __future__ import annotations

# Okabe & Ito (2008), with a dash as second cue. A strategy keeps its pair wherever it appears.
COLOURS = {"A": "#0072B2", "B": "#D55E00", "C": "#009E73", "D": "#CC79A7"}
DASHES = {"A": "solid", "B": "dashed", "C": "dotdash", "D": "dotted"}
SVG_DASHES = {"A": "", "B": "7 4", "C": "9 3 2 3", "D": "2 3"}

# As the bands lie in the chart, from the top down: those who left or fell silent in grey and sand, then one ordered
# ramp from stranger to advocate.
STAGE_COLOURS = {
    "lost": "#a39d98", "dormant": "#d8c8a6", "unaware": "#e4e9e4", "aware": "#c5dccb", "trusting": "#9cc9ad",
    "buyer": "#6cb39a", "satisfied": "#3f958f", "loyal": "#226e82", "advocate": "#244b74",
}  # fmt: skip

# Of firms in their order, the student's first: after Tol's muted scheme, unlike the strategies' colours.
FIRM_COLOURS = ("#5F4BB6", "#DDCC77", "#44AA99", "#CC6677", "#88CCEE", "#999933", "#AA4499", "#117733")

# Chinese comes from whatever the student's machine has; which shapes, the page's lang attribute says.
FONT = '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif'  # noqa: E501

_LIGHT = {
    "ink": "#1d2430", "soft": "#566072", "line": "#dfe3ea", "paper": "#ffffff", "ground": "#f6f7f9",
    "accent": "#2b3a55", "accent-ink": "#ffffff", "bar": "#2b3a55", "grid": "#c9ced8",
}  # fmt: skip
_DARK = {
    "ink": "#e7ebf2", "soft": "#a9b3c3", "line": "#323c4c", "paper": "#1a202a", "ground": "#12161d",
    "accent": "#a9bcdc", "accent-ink": "#12161d", "bar": "#202b40", "grid": "#4a5568",
}  # fmt: skip
# On dark ground the same hues, lighter, so that a thin line and a letter still stand out.
DARK_COLOURS = {"A": "#56A8DE", "B": "#F08A3C", "C": "#2DBE92", "D": "#DE9BC0"}
# Bokeh paints its canvases with these where they are set.
_CANVAS = {
    "major-label-text-color": "soft", "axis-label-text-color": "soft", "axis-line-color": "line",
    "major-tick-line-color": "line", "minor-tick-line-color": "line", "grid-line-color": "grid",
    "label-text-color": "soft", "title-text-color": "soft",
}  # fmt: skip


def page() -> str:
    """CSS of the whole page: the variables that everything in it inherits, shadow roots included."""

    def block(selector: str, colours: dict[str, str], letters: dict[str, str], scheme: str) -> str:
        said = "".join(f"--{name}: {colour}; " for name, colour in colours.items())
        said += "".join(f"--{letter.lower()}: {colour}; " for letter, colour in letters.items())
        return f"{selector} {{ {said}color-scheme: {scheme}; }}\n"

    canvas = "".join(f"--bk-{name}: var(--{colour}); " for name, colour in _CANVAS.items())
    fonts = "".join(f"--bk-{name}-text-font: {FONT}; " for name in ("major-label", "axis-label", "label"))
    return (
        f":root {{ --font: {FONT}; {canvas}{fonts}}}\n"
        + block(":root", _LIGHT, COLOURS, "light")
        + block(':root[data-theme="dark"]', _DARK, DARK_COLOURS, "dark")
    )


def tokens() -> str:
    """CSS that every component of the page begins with."""
    return ":host { font-family: var(--font); color: var(--ink) !important; font-variant-numeric: tabular-nums; }\n"
