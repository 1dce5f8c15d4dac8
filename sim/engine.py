"""One market being run: a plan, its world, how far it has come. Run in rounds, decide, save, restore, go on."""

from __future__ import annotations

import functools
import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import compiled, parameters, schedule, storage, world
from sim.plan import FirmPlan, Network, Plan, Segment, Spread

FORMAT = 4  # of saved files


class Engine:
    """A market in the course of its weeks.

    `week` counts reported weeks: it starts at −warm_up and ends at plan.weeks; the strategy starts at 0.
    """

    def __init__(
        self, plan: Plan, *, isolated: int = 0, is_logged: bool = False, born: world.People | None = None
    ) -> None:
        _announce_compilation()
        self.plan = plan
        self.world = world.build(plan, isolated, is_logged=is_logged, born=born)
        self.weeks_done = 0

    @property
    def week(self) -> int:
        """The reported week that comes next."""
        return self.weeks_done - self.plan.warm_up

    @property
    def is_finished(self) -> bool:
        """Whether all weeks of the plan have been run."""
        return self.weeks_done >= self.plan.warm_up + self.plan.weeks

    def advance(self, weeks: int = 1) -> None:
        """Run further weeks, at most to the plan's end. In a logged world the logs then hold the last week only."""
        end = min(self.weeks_done + weeks, self.plan.warm_up + self.plan.weeks)
        if self.world.market["is_logged"][0]:
            for week in range(self.weeks_done, end):
                self.world.counts[:] = 0
                schedule.advance(self.world, week, week + 1)
        else:
            schedule.advance(self.world, self.weeks_done, end)
        self.weeks_done = end

    def warm_up(self) -> None:
        """Run up to the day the strategy starts."""
        self.advance(max(0, -self.week))

    def run(
        self,
        *,
        progress: Callable[[int, int], None] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
        every: int = 13,
    ) -> None:
        """Run to the end. `progress(done, all)` hears every few weeks; `is_cancelled()` stops in between."""
        total = self.plan.warm_up + self.plan.weeks
        while not self.is_finished:
            if is_cancelled is not None and is_cancelled():
                return
            self.advance(every if (progress or is_cancelled) else total)
            if progress is not None:
                progress(self.weeks_done, total)

    def decide(self, levers: Mapping[str, float], firm: int = 0) -> None:
        """Set levers of a firm (dotted name → value) from the next week on.

        Raises ValueError for an unknown firm, unknown levers and values out of range, telling every fault; then
        nothing is changed.
        """
        known = parameters.levers()
        if not 0 <= firm < len(self.plan.firms):
            raise ValueError(f"There is no firm {firm}: the market has {len(self.plan.firms)}, numbered from 0.")
        faults = [f"There is no lever '{path}'." for path in levers if path not in known]
        faults += [f for path, value in levers.items() if path in known and (f := known[path].fault(value))]
        if faults:
            raise ValueError(" ".join(faults))
        for path, value in levers.items():
            self.world.levers[self.weeks_done :, firm, self.plan.lever_names.index(path)] = value

    @property
    def n_customers(self) -> int:
        """Customers of the market and those added beyond it."""
        return self.world.n_customers

    @property
    def customers(self) -> NDArray[Any]:
        """A copy of all customers as they are now: records of `population.CUSTOMER`, (customers,)."""
        return storage.records(self.world.customers, self.n_customers)

    @property
    def relations(self) -> NDArray[Any]:
        """A copy of what all customers are to all firms now: records of `population.RELATION`, (customers, firms)."""
        return storage.records(self.world.relations, self.n_customers)

    def column(self, name: str) -> NDArray[Any]:
        """A copy of one column of `customers`, (customers,), or of `relations`, (customers, firms)."""
        return self.world.column(name)

    @property
    def tally(self) -> NDArray[Any]:
        """What the reported weeks so far left behind: records of `world.TALLY`, (weeks, firms)."""
        return self.world.tally[self.plan.warm_up : max(self.plan.warm_up, self.weeks_done)]

    @property
    def flows(self) -> NDArray[np.int32]:
        """Customers who went from stage to stage in the reported weeks so far, (weeks, firms, stages, stages)."""
        return self.world.flows[self.plan.warm_up : max(self.plan.warm_up, self.weeks_done)]

    def copy(self) -> Engine:
        """An independent copy at the same week, which will live the same future."""
        twin = object.__new__(Engine)
        twin.plan, twin.weeks_done = self.plan, self.weeks_done
        twin.world = world.World(*(np.array(a, copy=True) for a in self.world))
        return twin

    def save(self, path: str | Path) -> None:
        """Write the market to a file from which `Engine.restore` goes on to the same end, bit for bit."""
        about = {"format": FORMAT, "weeks_done": self.weeks_done, "plan": _plain(self.plan)}
        arrays = {f"world_{name}": getattr(self.world, name) for name in self.world._fields}
        plan_arrays = {f"plan_{name}": getattr(self.plan, name) for name in _PLAN_ARRAYS}
        buffer = io.BytesIO()
        np.savez(buffer, about=np.array(json.dumps(about)), **arrays, **plan_arrays)
        Path(path).write_bytes(buffer.getvalue())

    @classmethod
    def restore(cls, path: str | Path) -> Engine:
        """The market of a file written by `save`. Raises ValueError where the file is not one."""
        with open(path, "rb") as opened:
            try:
                with np.load(opened, allow_pickle=False) as file:
                    about = json.loads(str(file["about"]))
                    if about["format"] != FORMAT:
                        raise ValueError(f"it has format {about['format']}, not {FORMAT}")
                    plan = _plan_from(about["plan"], {name: file[f"plan_{name}"] for name in _PLAN_ARRAYS})
                    saved = {name: file[f"world_{name}"] for name in world.World._fields}
                weeks_done = int(about["weeks_done"])
                engine = cls(
                    plan,
                    isolated=saved["offsets"].size - 1 - plan.market_size,
                    is_logged=bool(saved["market"]["is_logged"][0]),
                )
                _fill(engine.world, saved)
            except Exception as error:
                raise ValueError(f"{path} is not a market saved by this version of crmsim ({error}).") from error
        engine.weeks_done = weeks_done
        return engine


_PLAN_ARRAYS = ("levers", "need_factor", "trend", "trust_shock")


def _fill(empty: world.World, saved: Mapping[str, NDArray[Any]]) -> None:
    """Put saved arrays into a world of the same shape, which keeps the layout of its records."""
    for name in empty._fields:
        array: NDArray[Any] = getattr(empty, name)
        if saved[name].shape != array.shape or saved[name].dtype.names != array.dtype.names:
            raise ValueError(f"its {name} do not fit the plan it holds")
        if array.dtype.names is None:
            array[...] = saved[name]
        for column in array.dtype.names or ():
            array[column] = saved[name][column]


def _plain(plan: Plan) -> dict[str, Any]:
    plain = asdict(plan)
    for name in _PLAN_ARRAYS:
        del plain[name]
    return plain


def _plan_from(plain: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Plan:
    """The plan that `_plain` and the arrays were made from."""
    fields: dict[str, Any] = plain | arrays
    fields["segments"] = tuple(_segment_from(segment) for segment in plain["segments"])
    fields["firms"] = tuple(FirmPlan(**firm | {"attributes": tuple(firm["attributes"])}) for firm in plain["firms"])
    fields["network"] = Network(**plain["network"])
    fields["lever_names"] = tuple(plain["lever_names"])
    return Plan(**fields)


def _segment_from(plain: dict[str, Any]) -> Segment:
    fields = dict(plain)
    for name in ("deal_proneness", "complaint", "forgiveness", "moving"):
        fields[name] = Spread(**plain[name])
    for name in ("weights", "fit"):
        fields[name] = tuple(plain[name])
    return Segment(**fields)


@functools.cache
def _announce_compilation() -> None:
    """Say on standard error, once, that the first run ever takes a while."""
    if compiled.is_first_compilation():
        print(
            "Compiling the simulator for this machine; this happens once and takes up to a minute or two …",
            file=sys.stderr,
        )
