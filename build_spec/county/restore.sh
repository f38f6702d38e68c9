#!/bin/bash
# restore.sh DUMP FOLDER DATABASE: a dump and all photos of FOLDER into an empty database, as the user postgres.
# See docs/deployment.md, section 7. Without photos in FOLDER the laptops are asked to send theirs again.
set -euo pipefail
dump=$1 folder=$2 database=$3

pg_restore --exit-on-error --dbname="$database" "$dump"
for file in "$folder"/photos-*.copy; do
  [ -e "$file" ] || continue
  psql -X --quiet --set=ON_ERROR_STOP=1 --dbname="$database" <<SQL
CREATE TEMP TABLE come (LIKE blob);
\\copy come FROM '$file' WITH (FORMAT binary)
INSERT INTO blob SELECT * FROM come ON CONFLICT DO NOTHING;
SQL
done
