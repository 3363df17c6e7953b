"""Landing → raw tables, beside the ways that others would take, on the same events."""
