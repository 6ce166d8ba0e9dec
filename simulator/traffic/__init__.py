"""The model behind every answer: requests, pools, messages, spans."""
