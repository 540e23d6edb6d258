"""The server: the one place that judges operations, orders them, and tells every console what came of it."""
