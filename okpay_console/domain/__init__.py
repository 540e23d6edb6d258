"""What a ticket is and what may happen to it: no I/O, no clock, no randomness; those come in as arguments."""
