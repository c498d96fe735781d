"""The faces of 据典: HTTP API, chat page, command line."""
