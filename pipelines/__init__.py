"""Loads sealed segments into typed raw tables, exactly once."""
