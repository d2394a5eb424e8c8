"""One module a figure; each prints a ratio measured in one run."""
