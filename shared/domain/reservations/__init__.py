"""Seats held and sold."""
