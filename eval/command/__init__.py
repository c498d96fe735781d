"""The commands of `judian eval`."""
