"""What edges send: verified, stored, acknowledged. All or nothing, and all of it while locked."""
