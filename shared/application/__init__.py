"""What the cinema does, one use case a file, and the ports that it needs for it."""
