"""The checks of `hiring doctor`, one subject a file."""
