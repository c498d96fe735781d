"""The command `judian`: what starts, builds, asks and administers."""
