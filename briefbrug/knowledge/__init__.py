"""What the house knows about letters and law: YAML that a lawyer can correct, and the reader that checks it."""
