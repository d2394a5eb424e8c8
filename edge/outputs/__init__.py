"""Where results go: video, tables, snapshots, window, progress."""
