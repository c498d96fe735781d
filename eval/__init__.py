"""Question sets, metrics, runs, reports and benchmarks."""
