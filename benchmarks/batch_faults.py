"""Kills, a full disk, a lost worker: `python -m benchmarks.batch_faults [--kills 50]`. The tables must not show them.

Every fault strikes a real `crmsim batch` process; afterwards --resume finishes, and each table is compared byte by byte
with that of a batch nobody disturbed.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from sim.batch import run_batch
from sim.experiments import load_experiment

STUDY = """\
title: Faults
scenario: coffee
customers: 400
weeks: 40
seeds: {seeds}
strategies: [4P, 4C]
levers:
  pricing.list_price: [4, 4.5, 5]
uncertainties:
  leave.return_rate: [0, 0.1, 0.2]
series: [profit, retention]
"""
ROOT = Path(__file__).resolve().parents[1]


def tables(folder: Path) -> dict[str, bytes]:
    """Every table of a batch, byte by byte."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def command(file: Path, out: Path) -> subprocess.Popen[bytes]:
    """A batch as a process, going on with what is there."""
    words = [sys.executable, "-m", "sim", "batch", str(file), "--out", str(out), "--resume"]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def kills(file: Path, folder: Path, undisturbed: dict[str, bytes], wanted: int, luck: random.Random) -> str:
    """Kill batches at random moments, each started again until it finishes; compare what every one ends with."""
    killed = finished = 0
    while killed < wanted or finished == 0:
        out = folder / f"killed-{finished}"
        is_done = False
        while not is_done:
            process = command(file, out)
            try:
                process.wait(luck.uniform(0.2, 6.0) if killed < wanted else 600)
                is_done = True
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
        if process.returncode:
            raise SystemExit(f"A batch ended with status {process.returncode}: {process.stderr.read().decode()}")
        if tables(out) != undisturbed:
            raise SystemExit(f"After {killed} kills the tables in {out} differ from the undisturbed ones.")
        finished += 1
    return f"{killed} kills at random moments: {finished} batches finished, all tables equal byte by byte."


def full_disk(file: Path, folder: Path, undisturbed: dict[str, bytes]) -> str:
    """A small file system of its own fills up; after it has grown the batch goes on."""
    disk = folder / "disk"
    disk.mkdir()
    size = sum(map(len, undisturbed.values()))
    small = f"size={max(64, size // 2048)}k"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", small, "tmpfs", str(disk)], capture_output=True).returncode:
        return "full disk: not tried, since this user may not mount a small file system."
    try:
        process = command(file, disk / "out")
        told = process.communicate()[1].decode()
        if process.returncode != 2 or "no space left" not in told or "Traceback" in told:
            raise SystemExit(f"The full disk ended with status {process.returncode}: {told}")
        found = len(list((disk / "out").glob("runs/part-*.parquet")))
        subprocess.run(["mount", "-o", "remount,size=100m", str(disk)], check=True)
        process = command(file, disk / "out")
        if process.wait() or tables(disk / "out") != undisturbed:
            raise SystemExit("After the full disk the tables differ from the undisturbed ones.")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    message = told.strip().splitlines()[-1]
    return f"full disk: {found} parts were kept, the message was “{message}”, and the tables are equal."


def lost_worker(file: Path, folder: Path, undisturbed: dict[str, bytes]) -> str:
    """One of two Dask workers is killed in mid-run."""
    from tests.test_batch_cluster import Cluster

    made = load_experiment(file)
    cluster = Cluster(folder)
    killed = threading.Event()

    def progress(done: int, total: int) -> None:
        if done > total // 3 and not killed.is_set():
            killed.set()
            cluster.workers[0].send_signal(signal.SIGKILL)

    try:
        cluster.work()
        cluster.work()
        run_batch(made, folder / "cluster", cluster=cluster.address, progress=progress)
    finally:
        cluster.close()
    if not killed.is_set() or tables(folder / "cluster") != undisturbed:
        raise SystemExit("After the lost worker the tables differ from the undisturbed ones.")
    return f"one of two Dask workers killed after a third of {made.n_runs:,} runs: the tables are equal."


def main() -> None:
    """Disturb batches in every way and say what came of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--seeds", type=int, default=200)
    options.add_argument("--luck", type=int, default=1)
    asked = options.parse_args()
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        file = folder / "faults.yaml"
        file.write_text(STUDY.format(seeds=asked.seeds), encoding="utf-8")
        made, begun = load_experiment(file), time.perf_counter()
        run_batch(made, folder / "undisturbed")
        undisturbed = tables(folder / "undisturbed")
        print(f"{made.n_runs:,} runs undisturbed in {time.perf_counter() - begun:.0f} s, {len(undisturbed)} tables.")
        print(full_disk(file, folder, undisturbed), flush=True)
        print(lost_worker(file, folder, undisturbed), flush=True)
        print(kills(file, folder, undisturbed, asked.kills, random.Random(asked.luck)), flush=True)


if __name__ == "__main__":
    main()
