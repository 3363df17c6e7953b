"""The whole system under a steady stream, with everything that happens to it in a bad week."""
