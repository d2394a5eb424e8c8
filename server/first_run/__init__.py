"""First run in a browser: a server that is not set up answers nothing but its set-up."""
