#!/bin/sh
# Fills in the ${NAMES} of a configuration from the environment and starts Envoy with it, in a container:
#   entrypoint.sh gateway.yaml [Envoy's arguments]
# A name without a value stops it, as in render.py, which does the same where there is Python.
set -eu

folder=$(dirname "$0")
configuration=$1
shift

script=""
for name in $(grep -o '\${[A-Z0-9_]*}' "$folder/$configuration" | tr -d '${}' | sort -u); do
  value=$(printenv "$name") || { echo "$configuration needs $name in the environment" >&2; exit 1; }
  script="$script
s|\${$name}|$(printf '%s' "$value" | sed 's/[\\&|]/\\&/g')|g"
done

rendered=$(mktemp "${TMPDIR:-/tmp}/envoy.XXXXXX")
mv "$rendered" "$rendered.yaml"
sed "$script" "$folder/$configuration" > "$rendered.yaml"
exec envoy --config-path "$rendered.yaml" "$@"
