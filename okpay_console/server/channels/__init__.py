"""Ways in for customers' words: calls, e-mail, chat and social messages."""
