"""The characters and scalars of a YAML text: their meaning in YAML 1.2, and gentle words for their faults."""

from __future__ import annotations

import re

import yaml

Position = tuple[int, int]
Trouble = tuple[Position, str, str]  # where, what, the way out
Scalar = str | int | float | bool | None

# Control characters, lone surrogates, line breaks that editors do not count, marks that reorder text.
ODD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")

_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?[0-9]+\Z")
_OTHER_BASE = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)\Z")
_NOT_A_NUMBER = re.compile(r"\.(nan|NaN|NAN)\Z")
_LONGEST_NUMBER = 40


def resolved(text: str) -> Scalar:
    """What a plain scalar means in the core schema of YAML 1.2 (section 10.3 of its specification)."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _LONGEST_NUMBER:
        return text
    if _WHOLE.match(text):
        return int(text)
    if _OTHER_BASE.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        return float(text)
    if infinite := _INFINITE.match(text):
        return float(infinite[1] + "inf")
    return float("nan") if _NOT_A_NUMBER.match(text) else text


def risky(text: str) -> tuple[str, str] | None:
    """Why a plain scalar should not be taken for a number, and what to write instead; or None."""
    if re.match(r"[-+]?0[0-9]+\Z", text) and len(text) <= _LONGEST_NUMBER:
        return (
            f"{text} begins with a zero, which some programs read as an octal number.",
            f'Write {int(text)}, or "{text}" in quotes if a text is meant.',
        )
    if len(text) > _LONGEST_NUMBER and _FLOAT.match(text):
        return (
            f"This number has {len(text):,} characters.",
            "Write it shorter, or in quotes if a text is meant.",
        )
    return None


def decoded(source: str | bytes, largest: int) -> tuple[str, list[Trouble]]:
    """The text without a byte order mark, and what its bytes and characters have wrong with them."""
    if len(source) > largest or (isinstance(source, str) and len(source.encode("utf-8", "replace")) > largest):
        return "", [
            (
                (1, 1),
                f"The file has more than {largest:,} bytes.",
                "Shorten it: a scenario rarely needs 20,000.",
            )
        ]
    if isinstance(source, bytes):
        if source.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "", [((1, 1), "The file is in UTF-16.", "Save it as UTF-8.")]
        try:
            text = source.decode("utf-8")
        except UnicodeDecodeError as error:
            before = source[: error.start].decode("utf-8")
            byte = source[error.start]
            return "", [
                (
                    _position(before, len(before)),
                    f"The byte 0x{byte:02X} here is not UTF-8; in Latin-1 it would be {chr(byte)!r}.",
                    "Save the file as UTF-8.",
                )
            ]
    else:
        text = source
    text = text.removeprefix("\ufeff")
    troubles: list[Trouble] = []
    for odd in ODD.finditer(text):
        troubles.append(
            (
                _position(text, odd.start()),
                f"The character U+{ord(odd.group()):04X} stands here, which a text file may not hold.",
                "Remove it; your editor may show it as a blank or not at all.",
            )
        )
        if len(troubles) == 10:
            break
    return text, troubles


def _position(text: str, offset: int) -> Position:
    lines = re.split(r"\r\n|\r|\n", text[:offset])
    return len(lines), len(lines[-1]) + 1


def explained(error: yaml.YAMLError) -> Trouble:
    """A parser's error in words that help, with the place to look at."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return (1, 1), "This is not valid YAML.", "Compare it with a shipped scenario."
    mark, problem, context = error.problem_mark, error.problem or "", error.context or ""
    at = mark.line + 1, mark.column + 1
    opened = at if error.context_mark is None else (error.context_mark.line + 1, error.context_mark.column + 1)
    if "'\\t'" in problem:
        return at, "A tab stands here where YAML allows only spaces.", "Replace every tab by spaces."
    if "quoted scalar" in context and "unexpected end" in problem:
        return (
            opened,
            "The text in quotes that begins here never ends.",
            "Close it with the same quotation mark.",
        )
    if "escape" in problem or "escape" in context or "expected escape" in problem:
        return at, "This backslash begins no known escape.", "Double it (\\\\) or use single quotes."
    if "mapping values are not allowed" in problem:
        return (
            at,
            "A colon stands here where no value can begin.",
            'Put a text with ": " in quotes, and let the lines of one mapping begin in one column.',
        )
    if "could not find expected ':'" in problem:
        return opened, "This line lacks a colon after its key.", 'Write "key: value".'
    if "cannot start any token" in problem:
        return at, "No value may begin with this character.", "Put the value in quotes."
    if "flow" in context:
        return (
            opened,
            "The bracket that opens here is not closed properly.",
            "Check its commas and its closing bracket, and put texts with , ? or a bracket in quotes.",
        )
    if "undefined alias" in problem:
        return at, "This is an alias, which a file from anywhere may not use.", "Write the value out."
    if "expected <block end>" in problem or "indentation" in problem:
        return (
            at,
            "This line does not fit the ones around it.",
            "Let entries that belong together begin in one column.",
        )
    return at, f"This is not valid YAML: {problem}.", "Compare it with a shipped scenario."
