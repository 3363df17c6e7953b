"""Looks at every stage's storage, changes none of it: status, doctor, silence, alerts, set-up."""
