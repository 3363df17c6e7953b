"""The Spark path on a cluster of its own: a master and two workers on loopback."""
