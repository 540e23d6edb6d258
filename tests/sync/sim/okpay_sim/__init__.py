"""Seeded worlds of one server and several consoles, all of it the product's own code, in which everything goes wrong."""
