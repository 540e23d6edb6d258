"""The HTTP routes, one file per resource; they decode, call the room that knows, and encode."""
