"""What `panel serve app.py` opens: one page for each visitor. `crmsim serve` serves the same page at the root."""

from sim.ui import shell

shell.prepare()
shell.open_page().servable()
