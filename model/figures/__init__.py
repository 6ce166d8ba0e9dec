"""Every figure of every page: where it stands, the families it is made of, the PromQL that gives the same."""
