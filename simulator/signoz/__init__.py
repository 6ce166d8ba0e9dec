"""A stand-in for SigNoz: queries over spans, rules and alerts."""
