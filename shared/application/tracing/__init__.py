"""Where a booking is, and when it passed each station."""
