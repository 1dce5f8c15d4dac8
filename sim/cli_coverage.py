"""`crmsim coverage`: which idea of the curriculum is where."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from sim.cli_common import json_option, user_faults


@click.command()
@json_option
def coverage(is_json: bool) -> None:
    """Print where each idea of the curriculum is found.

    Id by id: rules, levers, parameters, measures, scenarios and lessons, read from the files.
    """
    with user_faults():
        from sim import coverage as found
        from sim.pictures import print_table

        table = found.coverage()
    if is_json:
        click.echo(json.dumps({one: asdict(places) for one, places in table.items()}))
        return
    rows = [[one, *(", ".join(getattr(places, kind)) for kind in found.KINDS)] for one, places in table.items()]
    print_table(["Id", *(kind.capitalize() for kind in found.KINDS)], rows, title="Coverage", has_lines=True)
