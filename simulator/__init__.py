"""A small Prism, met over the wire: the embedded default and the test bed."""
