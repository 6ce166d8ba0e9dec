"""What browsers fetch besides answers: our own scripts and style sheets, the libraries, and the layout of a page."""
