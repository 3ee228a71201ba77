"""The prompts: versioned Jinja templates, see README.md beside this file."""
