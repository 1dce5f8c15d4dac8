"""What customers do: one file for each behaviour, small pure functions of scalars; chance stays outside."""
