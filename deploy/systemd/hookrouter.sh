#!/bin/sh
# `hookrouter` for root, as the units run it: with their settings and secrets, and as their user, so that no file of
# theirs becomes root's. To be installed as /usr/local/sbin/hookrouter. VENV names another installation, to be asked before
# it is the one that runs.
set -eu
set -a
HOOKROUTER_CONFIG=/etc/hookrouter/hookrouter.yaml
HOOKROUTER_DATA_DIR=/var/lib/hookrouter
. /etc/hookrouter/environment
for secret in /etc/hookrouter/secrets/*; do
    eval "$(basename "$secret")=\$(cat \"\$secret\")"
done
set +a
exec setpriv --reuid=hookrouter --regid=hookrouter --init-groups --no-new-privs "${VENV:-/opt/hookrouter}/bin/hookrouter" "$@"
