"""What a served vault needs: its certificate, its keyholder, its chores, its turns."""
