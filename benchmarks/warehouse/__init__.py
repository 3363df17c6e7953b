"""Raw tables → built, estimated, published, and asked."""
