"""Checks of the template, the images, the scripts and the workflows: `make check-infra`."""
