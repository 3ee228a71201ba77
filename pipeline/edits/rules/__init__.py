"""The rules, one package a kind of edit."""
