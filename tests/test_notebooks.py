"""The notebooks of the documentation run from top to bottom, and are kept with what they showed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.reading import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def executed(path: Path):
    """The notebook run anew, in this tree."""
    import nbformat
    from nbclient import NotebookClient

    os.environ["PYTHONPATH"] = str(ROOT)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=250, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    return notebook


def test_there_are_two_notebooks() -> None:
    assert len(NOTEBOOKS) >= 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_is_kept_with_its_outputs(path: Path) -> None:
    import nbformat

    kept = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert sum(bool(cell.outputs) for cell in kept) >= len(kept) - 1, "Run it, and keep what it shows."
    again = [cell for cell in executed(path).cells if cell.cell_type == "code"]
    for before, after in zip(kept, again, strict=True):
        kinds = [[output.output_type for output in cell.outputs] for cell in (before, after)]
        assert kinds[0] == kinds[1], f"This cell shows something else now:\n{before.source}"


if __name__ == "__main__":  # Keep what the notebooks show now.
    import nbformat

    for one in NOTEBOOKS:
        nbformat.write(executed(one), one)
