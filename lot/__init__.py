"""The ground all parts stand on: errors, settings, files, logs, time. Imports nothing of ours."""
