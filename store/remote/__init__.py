"""A store in Redis (or Valkey), which several hosts share."""
