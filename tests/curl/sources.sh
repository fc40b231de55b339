#!/bin/bash
# tests/curl/sources.sh
#     Where recordings come from, and jobs that look for new ones.
# shellcheck source=tests/curl/lib.sh
. "${0%/*}/lib.sh"
login "$LEAP_EMAIL" "$LEAP_PASSWORD"

ask 200 GET /sources/options
has '.[0].key'
ask 201 POST /sources '{"name": "Feed", "source_type": "URL_LIST", "config": {"urls": ["https://example.org/a.mp4"]}}'
source=$(pick .id)
ask 200 GET '/sources?active_only=true&platform=URL_LIST'
has '.total == 1'
ask 200 GET "/sources/$source"
has '.syncing == false'
ask 200 PATCH "/sources/$source" '{"config": {"blank_seconds": 5}}'
has '.config.blank_seconds == 5'
ask 202 POST "/sources/$source/sync?from_date=2026-01-01"
has '.status == "queued" and .task_id'
sync=$(pick .sync_id)
ask 202 POST /sources/bulk/sync "{\"source_ids\": [\"$source\"]}"
has '.queued_count == 1'
ask 200 GET /sources/syncs
has '.total >= 2'
ask 200 GET "/sources/syncs/$sync"
has '.from_date == "2026-01-01"'
ask 200 GET "/sources/$source/syncs?per_page=1"
has '.total_pages == 2'
ask 201 POST "/sources/$source/copy"
copy=$(pick .id)
ask 204 DELETE "/sources/$copy"
ask 404 GET "/sources/$copy"

ask 201 POST /templates '{"name": "Nightly", "matching_rules": {"keywords": ["night"]}}'
template=$(pick .id)
ask 201 POST /automation/jobs "{\"name\": \"Nightly\", \"schedule_config\": {\"type\": \"daily\", \"time\": \"03:00\"}, \"template_ids\": [\"$template\"]}"
job=$(pick .id)
ask 200 POST /automation/schedule '{"schedule": {"type": "daily", "time": "03:00"}}'
has '.text and (.next_runs | length == 5)'
ask 422 POST /automation/jobs '{"name": "Never", "schedule_config": {"type": "weekdays", "days": [0], "time": "03:00"}}'
ask 200 GET '/automation/jobs?is_active=true'
has '.total == 1'
ask 200 GET "/automation/jobs/$job"
has '.schedule and .next_runs[0]'
ask 200 PATCH "/automation/jobs/$job" '{"is_enabled": false}'
has '.is_enabled == false'
ask 202 POST "/automation/jobs/$job/dry-run"
has '.mode == "dry_run"'
run=$(pick .automation_run_id)
ask 202 POST "/automation/jobs/$job/run"
has '.mode == "execute"'
ask 200 GET "/automation/jobs/$job/runs"
has '.total == 2'
ask 200 GET "/automation/runs/$run"
has '.trigger == "dry_run"'
ask 201 POST "/automation/jobs/$job/copy"
copy=$(pick .id)
ask 204 DELETE "/automation/jobs/$copy"
ask 204 DELETE "/automation/jobs/$job"
ask 404 GET "/automation/jobs/$job"
