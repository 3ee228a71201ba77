"""A language model as proposer: it words or chooses edits, code applies and checks them."""
