"""The lab in the browser. Start with `shell.py` (one session), then `lab.py` (what a change of a lever sets off)."""
