"""When a movie is shown in an auditorium."""
