"""Starting jobs: the form of a request, the one request, and its outcome."""
