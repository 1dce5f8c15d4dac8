"""What customers do: one file for each behaviour, small pure functions of scalars. Chance comes in as an argument `u`."""
