"""Colours, dashes and type: the same in every chart, card and lever, told apart by colour-blind readers too."""

from __future__ import annotations

from typing import Any

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

# panel-material-ui brings Roboto along; Chinese comes from whatever the student's machine has.
FONT = 'Roboto, system-ui, "Segoe UI", "Helvetica Neue", Arial, "PingFang SC", "Noto Sans CJK SC", sans-serif'

_HEADER = "#2b3a55"
_SHAPES: dict[str, Any] = {
    "typography": {"fontFamily": FONT, "h3": {"fontSize": "1.125rem", "fontWeight": 600}},
    "shape": {"borderRadius": 8},
    "components": {
        "MuiAppBar": {
            "styleOverrides": {"root": {"backgroundColor": _HEADER, "color": "#fff", "backgroundImage": "none"}}
        },
        "MuiToolbar": {"styleOverrides": {"root": {"minHeight": "52px !important"}}},
    },
}
PAGE_THEME: dict[str, Any] = {
    "light": {
        **_SHAPES,
        "palette": {
            "primary": {"main": "#2b3a55"},
            "background": {"default": "#f6f7f9", "paper": "#ffffff"},
            "text": {"primary": "#1d2430", "secondary": "#566072"},
            "divider": "#dfe3ea",
        },
    },
    "dark": {
        **_SHAPES,
        "palette": {
            "primary": {"main": "#a9bcdc"},
            "background": {"default": "#12161d", "paper": "#1a202a"},
            "text": {"primary": "#e7ebf2", "secondary": "#a3adbd"},
            "divider": "#2e3746",
        },
    },
}


def tokens() -> str:
    """CSS variables that every part of the page builds on; they follow the page from light to dark."""
    letters = "".join(f"--{letter.lower()}: {colour};" for letter, colour in COLOURS.items())
    return (
        ":host { --ink: var(--mui-palette-text-primary, #1d2430); --soft: var(--mui-palette-text-secondary, #566072);"
        " --line: var(--mui-palette-divider, #dfe3ea); --paper: var(--mui-palette-background-paper, #fff);"
        " --ground: var(--mui-palette-background-default, #f6f7f9); --accent: var(--mui-palette-primary-main, #2b3a55);"
        f" {letters} --font: {FONT};"
        " font-family: var(--font); color: var(--ink); font-variant-numeric: tabular-nums; }"
    )
