"""The laptop stack: everything that a booking passes through, each part a process, started by one command."""
