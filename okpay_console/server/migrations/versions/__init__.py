"""The revisions, named by number."""
