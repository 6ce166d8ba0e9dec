"""What the simulated Prism has lived before it started: worked out on demand, stored nowhere."""
