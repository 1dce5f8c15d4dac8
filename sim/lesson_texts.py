"""What a lesson says: two Markdown files with the same fixed headings, for students and, at the end, for teachers."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sim.lesson_schema import LessonEntry
from sim.safe_yaml import LARGEST, Fault
from sim.safe_yaml_text import decoded
from sim.scenario_files import nearest, shown

LANGUAGES = ("en", "zh")
# Section → its heading in each language, in the order in which they stand.
HEADINGS: dict[str, dict[str, str]] = {
    "story": {"en": "Story", "zh": "故事"},
    "reading": {"en": "Reading", "zh": "阅读"},
    "notice": {"en": "Things to notice", "zh": "留意"},
    "try": {"en": "Things to try", "zh": "试试看"},
    "reflection": {"en": "Reflection", "zh": "反思"},
    "debrief": {"en": "Debrief", "zh": "复盘"},
    "sources": {"en": "Sources", "zh": "资料来源"},
    "timing": {"en": "Timing", "zh": "时间安排"},
    "misconceptions": {"en": "Misconceptions", "zh": "常见误解"},
    "discussion": {"en": "Discussion", "zh": "讨论"},
    "marking": {"en": "Marking guide", "zh": "评分参考"},
}
FOR_TEACHERS = ("timing", "misconceptions", "discussion", "marking")
_HEADING = re.compile(r"^(#{1,2}) +(.+?) *$", re.MULTILINE)


def read_texts(
    folder: Path, entry: LessonEntry | None
) -> tuple[dict[str, dict[str, str]], list[Fault], list[bytes]]:  # fmt: skip
    """The sections of both languages, what is wrong with them, and the files' bytes."""
    texts, faults, sources = {}, [], []
    for language in LANGUAGES:
        path = folder / f"{language}.md"
        source, problem = _bytes(path)
        sources.append(source)
        if problem is not None:
            faults.append(problem)
            continue
        text, troubles = decoded(source, LARGEST)
        faults += [Fault(shown(path), *at, message, advice) for at, message, advice in troubles]
        if troubles:
            continue
        texts[language], found = sections(text, language, shown(path))
        faults += found
        if entry is not None:
            title = getattr(entry.title, language)
            first = text.lstrip().partition("\n")[0].strip()
            if first != f"# {title}":
                advice = f'Begin the file with "# {title}".'
                faults.append(Fault(shown(path), 1, 1, "The first line is not the lesson's title.", advice))
    return texts, faults, sources


def sections(text: str, language: str, file: str) -> tuple[dict[str, str], list[Fault]]:
    """Section → its Markdown, and a fault for each heading that is missing, unknown, empty or out of order."""
    by_heading = {names[language]: key for key, names in HEADINGS.items()}
    found: dict[str, str] = {}
    faults = []
    headings = [one for one in _HEADING.finditer(text) if one[1] == "##"]
    for k, one in enumerate(headings):
        after = headings[k + 1] if k + 1 < len(headings) else None
        line = text.count("\n", 0, one.start()) + 1
        key = by_heading.get(one[2])
        body = text[one.end() : after.start() if after else len(text)].strip()
        if key is None:
            message = f'There is no section called "{one[2][:40]}".'
            faults.append(Fault(file, line, 1, message, nearest(one[2], by_heading)))
        elif key in found:
            faults.append(Fault(file, line, 1, f'The section "{one[2]}" stands here twice.', "Keep one of the two."))
        elif not body:
            faults.append(Fault(file, line, 1, f'The section "{one[2]}" is empty.', "Write something below it."))
        else:
            found[key] = body
    named = {by_heading.get(one[2]) for one in headings}
    for key, names in HEADINGS.items():
        if key not in named:
            advice = f'Add the heading "## {names[language]}".'
            faults.append(Fault(file, 1, 1, f'The section "{names[language]}" is missing.', advice))
    if not faults and list(found) != list(HEADINGS):
        order = ", ".join(names[language] for names in HEADINGS.values())
        faults.append(Fault(file, 1, 1, "The sections are out of order.", f"Write them as {order}."))
    return found, faults


def _bytes(path: Path) -> tuple[bytes, Fault | None]:
    """A text's bytes, or why it cannot be read. A link out of the folder is not followed."""
    file = shown(path)
    if os.path.dirname(os.path.realpath(path)) != os.path.realpath(path.parent):
        return b"", Fault(file, 1, 1, f"{path.name} is a link that leads out of the folder.", "Put a copy there.")
    if not path.is_file():
        return b"", Fault(file, 1, 1, f"The lesson has no {path.name}.", "Write it: both languages are needed.")
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1), None
    except OSError as error:
        why = (error.strerror or "the system refuses it").lower()
        return b"", Fault(file, 1, 1, f"The file cannot be read: {why}.", "Check its permissions.")
