"""What every process of ours sets of itself."""
