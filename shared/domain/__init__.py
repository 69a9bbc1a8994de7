"""The rules of the box office. Standard library only; time comes in as an argument."""
