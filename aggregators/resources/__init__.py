"""CPU, memory and the control plane (RFC view 8)."""
