"""What browsers fetch besides answers: our own scripts and style sheets, and the libraries."""
