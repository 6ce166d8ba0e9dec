"""What collecting costs: parsing and storing, memory, processor time, a large site, a long day."""
