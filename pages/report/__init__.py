"""The incident report of a window: one document, as HTML that stands alone and as PDF."""
