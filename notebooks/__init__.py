"""Funnel reports from the published file."""
