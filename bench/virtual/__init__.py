"""A whole site on virtual time: the simulated Prism, the collectors, the store and the detections, days in minutes."""
