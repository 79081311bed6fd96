#!/bin/sh
# As ssh: what follows the host is one text for the shell on the other side, whose input is ours.
echo "$*" >> "$MACHINE/connections"
while [ "$1" != -- ]; do
  if [ "$1" = -i ]; then cat "$2" >> "$MACHINE/keys"; fi
  shift
done
shift 2
exec sh -c "$*"
