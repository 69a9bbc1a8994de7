"""What the cinema's managers ask: how full, how many, when."""
