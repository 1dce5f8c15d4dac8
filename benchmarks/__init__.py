"""Benchmarks: figures as ratios, printed by one run; never timed tests."""
