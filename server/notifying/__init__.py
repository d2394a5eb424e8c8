"""Messages that leave the lot: by which rule, in which words, over which channel."""
