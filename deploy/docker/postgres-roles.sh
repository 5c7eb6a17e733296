#!/usr/bin/env bash
# Per service a role that owns the schema and one that may only read and write rows. Runs once, on an empty volume.
set -euo pipefail

sql() { psql -X -q -v ON_ERROR_STOP=1 --username postgres --dbname vestibule "$@"; }

# role NAME PASSWORD SCHEMAS
role() {
  sql -v name="$1" -v password="$2" <<SQL
CREATE ROLE :"name" LOGIN PASSWORD :'password';
ALTER ROLE :"name" SET search_path = $3;
GRANT CONNECT ON DATABASE vestibule TO :"name";
SQL
}

# service SCHEMA OWNER_PASSWORD PASSWORD SCHEMAS
service() {
  role "vestibule_$1_owner" "$2" "$4"
  role "vestibule_$1" "$3" "$4"
  sql -c "GRANT CREATE ON DATABASE vestibule TO vestibule_$1_owner"
}

sql -c "REVOKE ALL ON DATABASE vestibule FROM PUBLIC"
service intake "$INTAKE_OWNER_PASSWORD" "$INTAKE_PASSWORD" intake
service approval "$APPROVAL_OWNER_PASSWORD" "$APPROVAL_PASSWORD" approval
service provisioning "$PROVISIONING_OWNER_PASSWORD" "$PROVISIONING_PASSWORD" "provisioning, directory"
service expiry "$EXPIRY_OWNER_PASSWORD" "$EXPIRY_PASSWORD" expiry
