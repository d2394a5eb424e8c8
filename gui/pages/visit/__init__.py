"""Visit: one car's stay, what is doubtful about it, and what people said."""
