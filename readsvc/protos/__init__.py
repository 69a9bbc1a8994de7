"""The published contract of the read service, and the generator of what is made from it."""
