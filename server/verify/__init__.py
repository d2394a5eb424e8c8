"""What is there, what is missing and what was altered, told without unlocking anything."""
