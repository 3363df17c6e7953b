"""Makes hiring analytics of the raw tables and publishes them."""
