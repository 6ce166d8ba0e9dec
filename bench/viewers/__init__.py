"""What a viewer pays for and waits for: bytes, weight of a page, time to the first chart, delivery to many."""
