"""Whether what was written is everywhere where it should be, where one booking is, and how a gap is closed."""
