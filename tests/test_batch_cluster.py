"""A real Dask scheduler and two real worker processes on this machine: the same tables, also when one is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim import batch_cluster
from sim.batch import run_batch
from sim.experiments import Experiment, experiment
from tests.reading import ROOT

# distributed imports what warns of its own age, and leaves sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def study(customers: int = 300) -> Experiment:
    return experiment(
        scenario="coffee", customers=customers, weeks=40, seeds=40, strategies=["4P", "4C"], series=["profit"],
        levers={"pricing.list_price": [4, 4.5, 5]}, uncertainties={"leave.return_rate": [0, 0.2]},
    )  # fmt: skip


def tables(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


class Cluster:
    """A scheduler and its workers, each a process of its own, with the modules that are found in `path`."""

    def __init__(self, folder: Path, path: Path = ROOT) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        self.folder, self.path, self.address = folder, path, f"tcp://127.0.0.1:{port}"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {"PYTHONPATH": str(self.path)}
        command = [sys.executable, "-m", "distributed.cli.dask_" + words[0].replace("-", "_"), *words[1:]]
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)

    def work(self) -> None:
        """Start a worker with one thread, which dies with its process."""
        words = ["worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        self.workers.append(self.start(*words))

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    try:
        yield made
    finally:
        made.close()


def test_two_workers_one_killed_in_mid_run_give_the_same_tables(cluster: Cluster, tmp_path: Path) -> None:
    made = study()
    run_batch(made, tmp_path / "here", workers=2)
    cluster.work()
    cluster.work()
    seen: list[int] = []
    killed = threading.Event()

    def progress(done: int, total: int) -> None:
        seen.append(done)
        if done > total // 4 and not killed.is_set():
            killed.set()
            cluster.workers[0].send_signal(signal.SIGKILL)

    summary = run_batch(made, tmp_path / "there", cluster=cluster.address, progress=progress)
    assert killed.is_set()
    assert cluster.workers[0].wait(10) == -signal.SIGKILL
    assert summary.failed == 0
    assert seen[-1] == made.n_runs
    assert tables(tmp_path / "there") == tables(tmp_path / "here")


def test_a_lost_cluster_loses_nothing_that_is_finished(cluster: Cluster, tmp_path: Path) -> None:
    """The scheduler dies; what came back stays, and threads finish the rest."""
    made = study()
    cluster.work()

    def progress(done: int, total: int) -> None:
        if done > total // 4:
            cluster.scheduler.kill()

    with pytest.raises(ValueError, match="scheduler is gone"):
        run_batch(made, tmp_path / "there", cluster=cluster.address, progress=progress)
    summary = run_batch(made, tmp_path / "there", workers=2, is_resumed=True)
    assert 0 < summary.found < summary.runs
    run_batch(made, tmp_path / "here", workers=1)
    assert tables(tmp_path / "there") == tables(tmp_path / "here")


def test_a_cluster_with_another_crmsim_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "sim").mkdir()
    (tmp_path / "sim" / "__init__.py").write_text("raise ImportError('this machine has another crmsim')")
    cluster = Cluster(tmp_path, tmp_path)
    try:
        cluster.work()
        with pytest.raises(ValueError, match=r"Install the same crmsim and libraries on all machines\."):
            run_batch(study(), tmp_path / "out", cluster=cluster.address)
    finally:
        cluster.close()


def test_nobody_at_the_address_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_cluster, "PATIENCE", 1)
    begun = time.monotonic()
    with pytest.raises(ValueError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9 "):
        run_batch(study(), tmp_path / "out", cluster="tcp://127.0.0.1:9")
    with pytest.raises(ValueError, match="No Dask scheduler answers at nonsense"):
        run_batch(study(), tmp_path / "out", cluster="nonsense://x", is_resumed=True)
    assert time.monotonic() - begun < 60


def test_without_dask_the_message_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match=r"pip install 'crmsim\[cluster\]'"):
        run_batch(study(), tmp_path / "out", cluster="tcp://127.0.0.1:9")
