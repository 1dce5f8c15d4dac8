"""Reads the house itself: what lives where, what imports what, and what no file may say.

Every test collects all the faults it finds and gives each one as a sentence that says what to do.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from tests.reading import ROOT, files, name, report, sources, tree

# Imports point one way: a module may import from its own group and from the rows above it. Groups
# that share a row stand side by side and do not know each other. A package's name covers all of
# its modules that have no row of their own, and a name that ends in * all modules that begin so;
# "sim" alone is sim/__init__.py.
LAYERS = (
    ("compiled elementary safe_yaml* shipped",),
    ("rules policies",),
    (
        "schedule act contact offer dormancy week shopping bonding aftermath books population network world plan "
        "chance storage parameters engine starts outcomes record",
    ),
    ("scenario*",),
    ("market firm",),  # After scenario, since a Market can be asked for by a scenario's name.
    (
        "compare paired results pictures lives* shapley measure* survey coverage laws* customer_base lesson* lint* "
        "packing authoring schemas export cohorts concentration delivered model_*",
    ),
    ("designs experiment*",),
    ("batch* sensitivity discovery findings*",),
    ("sim",),
    ("ui.state ui.lesson_state",),
    ("ui",),
    # cli imports ui only inside the function that serves: see the test of `import sim`.
    ("cli* __main__", "app"),
)
GROUPS = {module: (depth, group) for depth, row in enumerate(LAYERS) for group in row for module in group.split()}

FOLDERS = {"sim", "scenarios", "lessons", "tests", "docs", "benchmarks", ".ci"}
TEXTS = {"README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "app.py"}
SETTINGS = {"pyproject.toml", "constraints.txt", "Makefile", ".gitignore", ".gitattributes", ".editorconfig"}
WIDGETS = {"panel", "panel_material_ui", "param"}
PICTURES = {"bokeh", "matplotlib"}  # May be imported elsewhere too, inside the functions that draw.
# Written so that no pattern matches its own text in this file.
FORBIDDEN_TEXT = {
    r"(?<![\w.~-])/(?:work|root|home|Users|opt/pypi)/": "names a folder of one person's machine",
    r"[A-Za-z]:\\{1,2}Users\\": "names a folder of one person's machine",
    r"\.\.[/]shared": "points outside of the repository",
    r"pypi[.]org|python[h]osted|npm[j]s\.|deb[.]debian|anaconda[.]org": "names the host of a registry",
    r"(?i)(?:--|PIP_)(?:extra[-_])?index[-_]ur[l]|--find[-]links": "chooses a package registry",
}


# ---------------------------------------------------------------- imports


def group_of(module: str) -> tuple[int, str] | None:
    """The place of a dotted module in LAYERS: that of the longest name which covers it."""
    parts = module.removeprefix("sim.").split(".")
    keys = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    exact = next((GROUPS[key] for key in keys if key in GROUPS), None)
    return exact or next((GROUPS[key] for key in GROUPS if fnmatch(parts[0], key)), None)


def module_of(path: Path) -> str:
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_module(dotted: str) -> bool:
    path = ROOT / dotted.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def imports_at_run_time(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import, however deep, but for those that only a type checker sees."""
    package = module_of(path).split(".")
    if path.name != "__init__.py":
        package.pop()
    waiting: list[ast.AST] = [tree(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            for alias in node.names:
                if alias.name == "__version__":
                    continue  # A plain text, which every file may write into what it saves.
                inside = f"{base}.{alias.name}"
                yield node.lineno, inside if is_module(inside) else base
        waiting += ast.iter_child_nodes(node)


def test_every_module_has_a_place_and_imports_point_one_way() -> None:
    faults = []
    for path in [*sources(), *(path for path in files() if name(path) == "app.py")]:
        here = group_of(module_of(path))
        if here is None:
            faults.append(
                f"{name(path)} has no place yet. Please add it to LAYERS in tests/test_house.py, "
                "in the highest row that may import what it imports."
            )
            continue
        for line, target in imports_at_run_time(path):
            there = group_of(target) if target.split(".")[0] in {"sim", "app"} else None
            if there is None or there == here or there[0] < here[0]:
                continue
            where = "stands beside it" if there[0] == here[0] else "stands further down the line"
            faults.append(
                f"{name(path)}, line {line}, imports {target}, which {where}: see LAYERS "
                "in tests/test_house.py. Please move what is needed up the line, or pass it as an argument."
            )
    report(faults)


def test_only_the_app_and_ui_import_widgets() -> None:
    faults = []
    for path in sources():
        refused = WIDGETS
        if name(path) == "sim/ui/state.py":
            refused = WIDGETS - {"param"} | PICTURES
        elif name(path).startswith("sim/ui/"):
            continue
        for line, target in imports_at_run_time(path):
            if target.split(".")[0] in refused:
                faults.append(
                    f"{name(path)}, line {line}, imports {target}. Please leave that to sim/ui/ "
                    "(there, state.py may use param but no widgets)."
                )
    report(faults)


def test_importing_sim_loads_no_widgets() -> None:
    for statement in ("from sim import *", "import sim.cli"):  # The star asks for each public name.
        program = f"{statement}; import sys; print(*sorted({WIDGETS | PICTURES!r} & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, f"`{statement}` fails:\n{done.stderr}"
        assert not done.stdout.split(), (
            f"`{statement}` loads {done.stdout.strip()}, which takes seconds and is for the app alone. "
            "Please import it inside the function that needs it; `python -X importtime` shows who asks."
        )


# ---------------------------------------------------------------- files and texts


def test_everything_public_has_a_docstring() -> None:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    report(
        [
            f"{name(path)}, line {node.lineno}: {node.name} has no docstring. "
            "Please say what it is for, or begin its name with an underscore."
            for path in sources()
            for node in tree(path).body
            if isinstance(node, kinds) and not node.name.startswith("_") and not ast.get_docstring(node)
        ]
    )


def test_the_package_offers_at_most_fifteen_names() -> None:
    listed = [
        node.value
        for node in tree(ROOT / "sim" / "__init__.py").body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    assert listed, "sim/__init__.py has no __all__. Please list the public names there."
    names = ast.literal_eval(listed[0])
    assert len(names) <= 15, f"sim/__init__.py offers {len(names)} names. Please keep to the 15 a newcomer needs."


def test_no_file_is_long() -> None:
    faults = []
    for path in files():
        inside_sim = name(path).startswith("sim/") and path.suffix in {".py", ".yaml", ".css", ".js", ".html"}
        if not (inside_sim or (path.suffix == ".py" and name(path).startswith(("app.py", "tests/")))):
            continue
        limit = 120 if name(path) == "app.py" else 400
        n_lines = len(path.read_text(encoding="utf-8").splitlines())
        if n_lines > limit:
            faults.append(f"{name(path)} has {n_lines} lines, more than {limit}. Please split it by what it does.")
    report(faults)


def test_files_are_named_for_what_they_hold() -> None:
    report(
        [
            f"{name(path)} is named for nothing in particular. Please name it for what it holds."
            for path in files()
            if path.suffix == ".py" and {"utils", "util", "helpers", "misc"} & set(path.with_suffix("").parts)
        ]
    )


def test_the_top_level_is_the_agreed_one() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in files()}
    report(
        [
            f"{entry} is not part of the agreed top level. Please move it into one of the folders there."
            for entry in sorted(found - FOLDERS - TEXTS - SETTINGS)
        ]
    )


def test_no_file_speaks_of_one_machine() -> None:
    faults = []
    for path in files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # A picture or another binary file.
        for number, line in enumerate(lines, 1):
            for pattern, what in FORBIDDEN_TEXT.items():
                if match := re.search(pattern, line):
                    faults.append(f"{name(path)}, line {number}, {what}: {match.group()!r}. Please take it out.")
    report(faults)


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    expected = {
        "CITATION.cff": f"version: {version}\n",
        "sim/__init__.py": f'__version__ = "{version}"\n',
        "CHANGELOG.md": version,
    }
    report(
        [
            f"{file} does not say {text.strip()!r}, though pyproject.toml has version {version}."
            for file, text in expected.items()
            if text not in (ROOT / file).read_text(encoding="utf-8")
        ]
    )
