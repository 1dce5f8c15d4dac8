"""Coverage-guided fuzzing of what reads files from anywhere: `python -m benchmarks.loader_fuzz scenario|lesson|pack`.

Needs atheris, which no test needs: `pip install atheris`. Good files and the broken ones of the tests are the start;
whatever comes out of them must be read, or be refused in whole sentences. Anything else ends the run with a traceback
and the text that did it.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("Fuzzing by coverage needs atheris, which is not installed here: please run pip install atheris.")

with atheris.instrument_imports(include=["sim"]):
    from sim import lessons, packing, safe_yaml, scenario

ROOT = Path(__file__).resolve().parents[1]
SENTENCE = re.compile(r".+[.?]\Z", re.DOTALL)
PART = "\n=====\n"  # between the three texts of a lesson


def read_scenario(data: bytes) -> None:
    """As a scenario."""
    scenario.scenario_from_text(data)


def read_lesson(data: bytes) -> None:
    """As the texts of a lesson."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in zip(("lesson.yaml", "en.md", "zh.md"), data.split(PART.encode()), strict=False):
            (Path(folder) / name).write_bytes(text)
        lessons.load_lesson(folder)


def read_pack(data: bytes) -> None:
    """As a pack: its bytes as they are, or, where they are no zip, as the texts inside one."""
    if not data.startswith(b"PK"):
        texts = data.split(PART.encode())
        names = ("lesson.yaml", "en.md", "zh.md") if len(texts) > 2 else ("scenario.yaml", "base.yaml")
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as pack:
            for name, text in zip(names, texts, strict=False):
                pack.writestr(name, text)
        data = buffer.getvalue()
    packing.opened(data)


def seeds(kind: str) -> Iterator[bytes]:
    """What fuzzing starts from."""
    if kind == "scenario":
        for path in [*ROOT.glob("scenarios/*.yaml"), *ROOT.glob("tests/broken/**/*.yaml")]:
            yield path.read_bytes()
        return
    for folder in ROOT.glob("lessons/*/"):
        yield PART.encode().join((folder / name).read_bytes() for name in ("lesson.yaml", "en.md", "zh.md"))
        if kind == "pack":
            yield packing.packed(folder)[1]
    if kind == "pack":
        for path in ROOT.glob("scenarios/*.yaml"):
            yield path.read_bytes()
            yield packing.packed(path)[1]


class Judge:
    """Has a text read, which must come to nothing or to faults in whole sentences; counts both."""

    def __init__(self, reader: Callable[[bytes], None], slowest: Path | None) -> None:
        self.reader, self.slowest = reader, slowest
        self.counts: Counter[str] = Counter()
        self.seconds = 0.0  # of the text that took longest

    def __call__(self, data: bytes) -> None:
        """One text. Whatever is no answer is raised, and the fuzzer keeps the text."""
        began = time.perf_counter()
        try:
            self.reader(data)
            self.counts["read"] += 1
        except safe_yaml.Faults as error:
            self.counts["refused"] += 1
            for fault in error.faults:
                if not SENTENCE.match(str(fault)) or "\n" in str(fault):
                    raise AssertionError(f"This is no sentence: {fault!r}") from error
        if (took := time.perf_counter() - began) > self.seconds:
            self.seconds = took
            if self.slowest is not None:
                self.slowest.write_bytes(data)
        if self.counts.total() % 1000 == 0:
            print(f"{dict(self.counts)}; the slowest took {self.seconds:.2f} s.", flush=True)


def main() -> None:
    """Fuzz one kind of file for some time."""
    parser = argparse.ArgumentParser(description=__doc__)
    readers = {"scenario": read_scenario, "lesson": read_lesson, "pack": read_pack}
    parser.add_argument("kind", choices=readers)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--slowest", type=Path, help="where the text that took longest is written")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for k, seed in enumerate(seeds(told.kind)):
            (Path(folder) / f"seed-{k}").write_bytes(seed)
        words = [f"-max_total_time={told.seconds}", "-timeout=60", "-max_len=40000", "-rss_limit_mb=4096"]
        words.append(f"-artifact_prefix={tempfile.gettempdir()}/loader-fuzz-")  # where a text that did it is kept
        atheris.Setup([sys.argv[0], folder, *words], Judge(readers[told.kind], told.slowest))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
