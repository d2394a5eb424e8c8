"""Events and statements in, visits out: pure functions, run where the vault is open."""
