#!/usr/bin/env bash
# The rules of a machine that runs a TLS proxy and the server: SSH and HTTPS come in, the server's own
# port does not. Allowing comes before enabling, so that the connection you type this in stays alive.
# Containers whose ports are published are not held back by ufw: the engine's rules come first.
set -euo pipefail
ssh_port="${SSH_PORT:-22}"

ufw limit "$ssh_port/tcp" comment 'SSH, six tries in half a minute'
ufw allow 443/tcp comment 'HTTPS'
# For the redirect to HTTPS and for certificates by HTTP challenge; leave it out without them.
ufw allow 80/tcp comment 'HTTP'
ufw deny 3000/tcp comment 'TONL server: through the proxy only'
ufw default deny incoming
ufw default allow outgoing
# --force answers the question whether SSH may be cut off: port 22 or $SSH_PORT is open by now.
ufw --force enable
ufw status verbose
