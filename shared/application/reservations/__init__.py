"""Commands on reservations."""
