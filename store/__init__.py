"""The one writer and its readers: frames, retention, version feed."""
