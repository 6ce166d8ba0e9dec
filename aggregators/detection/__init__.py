"""Detections: inputs, conditions, alert state machine."""
