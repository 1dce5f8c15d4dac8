"""The lab as `crmsim serve` serves it, with a window into the process: `/documents` tells how many Documents live.

python tests/ui/counting_server.py PORT [SCENARIO-FILE [LIFETIME [RESULTS-FOLDER]]]
"""

import functools
import gc
import json
import os
import resource
import sys
import weakref
from pathlib import Path
from typing import Any

from bokeh.document import Document
from tornado.web import RequestHandler

from sim import lessons
from sim.scenario import load_scenario
from sim.ui import lesson_shelf, server, shell
from sim.ui.desk import Desk

WORLDS_OF_LESSONS = 3  # in which decisions are judged here: quick
WORLDS_OF_THE_LAB = 5  # in which luck is measured here
ALIVE: "weakref.WeakSet[Document]" = weakref.WeakSet()


def count_documents() -> None:
    """Keep count from now on. (gc.get_objects would disturb other threads: it shows them half-made tuples.)"""
    born = Document.__init__

    def counted(self: Document, *args: Any, **kwargs: Any) -> None:
        born(self, *args, **kwargs)
        ALIVE.add(self)

    Document.__init__ = counted  # type: ignore[method-assign]


class Documents(RequestHandler):
    """Documents that garbage collection cannot take away, processor seconds and memory used so far."""

    def get(self) -> None:
        gc.collect()
        alive = list(ALIVE)
        use = resource.getrusage(resource.RUSAGE_SELF)
        told = {"documents": len(alive), "seconds": use.ru_utime + use.ru_stime, "kilobytes": use.ru_maxrss}
        self.write(json.dumps(told))


def main(port: int, scenario_file: str = "", lifetime: str = "90000", *results: str) -> None:
    """Serve until terminated, forgetting closed sessions after a lifetime in milliseconds."""
    count_documents()
    lesson_shelf.LessonState = functools.partial(lesson_shelf.LessonState, n_worlds=WORLDS_OF_LESSONS)  # type: ignore[misc, assignment]
    shell.desk = functools.cache(functools.partial(Desk, n_worlds=WORLDS_OF_THE_LAB))
    if folder := os.environ.get("LESSONS_TO_SERVE"):  # others than those shipped
        lessons.lessons_folder = lambda: Path(folder)
    if scenario_file:
        only = load_scenario(scenario_file)
        shell.scenarios = lambda: {only.name: only}
    options: dict[str, Any] = {
        "extra_patterns": [("/documents", Documents)],
        "unused_session_lifetime_milliseconds": int(lifetime),
        "check_unused_sessions_milliseconds": 200,
    }
    server.serve(port, open_browser=False, results=results, **options)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
