"""The past as it was: views and answers of an earlier instant, beside the live ones and never in their way."""
