#!/bin/sh
# Fills in the ${NAMES} of a configuration from the environment and starts Envoy with it, in a container:
#   entrypoint.sh gateway.yaml [cloud_upstreams.yaml] [Envoy's arguments]
# What the second file has is added to the first. A name without a value stops it, as in render.py, which does the same
# where there is Python.
# shellcheck disable=SC2016  # the dollars in single quotes are those of the configurations
set -eu

folder=$(dirname "$0")

# The script for sed is made before sed runs, so that a missing name stops this shell.
filling() {
  for name in $(grep -o '\${[A-Z0-9_]*}' "$folder/$1" | tr -d '${}' | sort -u); do
    value=$(printenv "$name") || { echo "$1 needs $name in the environment" >&2; exit 1; }
    printf 's|${%s}|%s|g\n' "$name" "$(printf '%s' "$value" | sed 's/[\\&|]/\\&/g')"
  done
}

configuration=$1
shift
script=$(filling "$configuration")
rendered=$(mktemp "${TMPDIR:-/tmp}/envoy.XXXXXX")
mv "$rendered" "$rendered.yaml"
sed "$script" "$folder/$configuration" > "$rendered.yaml"

case ${1-} in
  *.yaml)
    beside=$1
    shift
    script=$(filling "$beside")
    set -- --config-yaml "$(sed "$script" "$folder/$beside")" "$@"
    ;;
esac
exec envoy --config-path "$rendered.yaml" "$@"
