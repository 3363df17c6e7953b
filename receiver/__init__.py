"""Lands every delivery durably: a 2xx means that it is on disk."""
