"""Every server that the simulated Prism answers as."""
