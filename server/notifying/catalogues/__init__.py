"""Every language's words but English, which stands where messages are made."""
