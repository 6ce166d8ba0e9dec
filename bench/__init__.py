"""Speed and memory, measured on the real processes: `python -m bench NAME`."""
