"""A stateful simulator of Visier's Data and Job Handling API, served over HTTP."""
