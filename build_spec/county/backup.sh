#!/bin/bash
# backup.sh DATABASE FOLDER: the nightly backup of the county, as the user postgres. See docs/deployment.md, section 6.
# The records go into a dump each night, read back to its end; of the photos only those that came since the last one.
set -euo pipefail
umask 077
PATH=$PATH:$(cd "$(dirname "$0")/../.." && pwd)/.venv/bin
database=$1 folder=$2
# One at a time, named to the millisecond, never over an earlier one.
exec 9> "$folder/.lock"
flock -w 3600 9 || { echo "上一次备份一个小时还没有完，这一次没有做：看看 pg_dump 卡在哪里" >&2; exit 1; }
now=$(date +%F-%H%M%S.%3N) begun=$(date -u +%FT%T.000Z)
dump=$folder/$database-$now.dump photos=$folder/photos-$now.copy
for taken in "$dump" "$photos"; do
  [ ! -e "$taken" ] || { echo "$taken 已经有了：这台机器的时间不对，先校准（timedatectl），再备份" >&2; exit 1; }
done

pg_dump --format=custom --exclude-table-data='blob*' --file="$dump.part" "$database"
pg_restore --file=/dev/null "$dump.part"
mv "$dump.part" "$dump"

since=$(cat "$folder/photos.since" 2>/dev/null || true)
psql -X --quiet --set=ON_ERROR_STOP=1 --dbname="$database" \
  --command="\\copy (SELECT * FROM blob WHERE received_at >= '$since') TO '$photos.part' WITH (FORMAT binary)"
mv "$photos.part" "$photos"
# What was still on its way into the database when this began has an earlier time: an hour is copied twice.
date -u -d "$begun - 1 hour" +%FT%T.000Z > "$folder/photos.since"

TIANGENG_COUNTY_DB=postgresql:///$database tiangeng-county backup-noted "$begun"
