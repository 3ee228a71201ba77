"""Edits of kind `action`: a body visibly does something else."""
