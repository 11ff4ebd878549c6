# What the server's own Vault token may do: read the one secret, nothing else. The path of KV version
# 2 has `data/` between mount and name; the mount is `secret`, the secret `tonl`.
#
#   vault kv put secret/tonl auth-token=-        # the value from standard input, not from arguments
#   vault policy write tonl-mcp-server policy.hcl
#   vault token create -policy=tonl-mcp-server -period=24h -orphan
path "secret/data/tonl" {
  capabilities = ["read"]
}
