"""Arithmetic over series: increases, rates, buckets, quantiles, availability of sources."""
