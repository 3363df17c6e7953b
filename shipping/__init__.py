"""The way between this host and an object store: shipping, fetching, pushing."""
