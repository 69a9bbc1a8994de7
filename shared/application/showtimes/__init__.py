"""Commands on showtimes."""
