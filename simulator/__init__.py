"""Stands in for Occupop: an invented hiring year, sent as webhook deliveries."""
