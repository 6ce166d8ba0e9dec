"""Functions from plain values to Dash trees, and the hub that pushes them."""
