"""Starting work: what a request may say, the one request, and what came of it."""
