"""What firms do: one file for each lever that needs a rule of its own. Plain spending levers share `spending`."""
