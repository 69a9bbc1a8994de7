"""What can be shown and where: movies and auditoriums."""
