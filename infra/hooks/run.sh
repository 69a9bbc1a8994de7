#!/bin/sh
exec "${PYTHON:-.venv/bin/python}" -m infra.hooks "$@"
