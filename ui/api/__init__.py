"""The HTTP interface: it owns the index and the encoder, everything else asks it."""
