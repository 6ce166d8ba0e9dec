"""Tables, lists and panels."""
