#!/usr/bin/env bash
# A broker user per service: it publishes events, reads its own queues, and configures nothing. May run again.
set -euo pipefail

# user SERVICE PASSWORD
user() {
  local name=vestibule-$1 known
  known=$(rabbitmqctl --quiet --no-table-headers list_users | cut -f 1)
  # The password goes through standard input, where no list of processes shows it.
  if grep -qx "$name" <<<"$known"; then
    rabbitmqctl --quiet change_password "$name" <<<"$2"
  else
    rabbitmqctl --quiet add_user "$name" <<<"$2"
  fi
  rabbitmqctl --quiet set_permissions "$name" '' '^(vestibule\.events|amq\.default)$' "^vestibule\.$1(\.dead)?\$"
}

user request-intake "$REQUEST_INTAKE_BROKER_PASSWORD"
user approval "$APPROVAL_BROKER_PASSWORD"
user provisioning "$PROVISIONING_BROKER_PASSWORD"
user expiry "$EXPIRY_BROKER_PASSWORD"
