"""What `panel serve app.py` opens. `crmsim serve` needs it not."""

from sim.ui.shell import open_page, prepare

prepare()
open_page()
