"""The landing zone as JSON and as Parquet: how large, how quick to load, and that it is one."""
