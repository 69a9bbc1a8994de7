"""Commands on movies and auditoriums."""
