"""A copy that a stolen disk, a dead card or a fire leaves: sealed as it lies, in two parts."""
