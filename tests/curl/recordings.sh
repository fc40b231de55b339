#!/bin/bash
# tests/curl/recordings.sh
#     Recordings from a URL: added, found, changed, run, watched, exported and deleted; their tasks.
#     With two that were there before: "Finished", whose run ended, and "Failed", whose run failed.
# shellcheck source=tests/curl/lib.sh
. "${0%/*}/lib.sh"
login "$LEAP_EMAIL" "$LEAP_PASSWORD"

ask 201 POST /recordings '{"url": "https://example.org/a.mp4", "display_name": "Algebra"}'
id=$(pick .recording_id)
ask 201 POST /recordings/add-url '{"url": "https://example.org/b.mp4", "display_name": "Botany"}'
other=$(pick .recording_id)
# a server may have a sample lecture (leap.sample_lecture); the one that is tested has none
ask 404 POST /recordings/sample
ask 202 POST /recordings/add-playlist '{"url": "https://example.org/list", "quality": "720p", "dry_run": true}'
has '.status == "queued" and .dry_run'
ask 202 POST /recordings/formats-preview '{"url": "https://example.org/watch?v=1"}'
has '.status == "queued" and .sync_id and .task_id'
ask 422 POST /recordings/formats-preview '{"url": "file:///etc/passwd"}'
ask 422 POST /recordings/add-url '{"url": "https://example.org/watch?v=1", "quality": "8k"}'
ask 422 POST /recordings '{"url": "file:///etc/passwd"}'
ask 200 GET '/recordings?status=INITIALIZED&search=algebra&sort_by=display_name&sort_order=asc'
has ".total == 1 and .items[0].id == \"$id\" and (.items[0].processing_stages | length == 4)"
ask 200 GET "/recordings/$id"
has '.status == "INITIALIZED" and .can_run'
ask 200 GET "/recordings/$id?detailed=true"
has '.config and .tasks == []'
ask 200 PATCH "/recordings/$id" '{"display_name": "Algebra 1"}'
has '.display_name == "Algebra 1"'
ask 422 PATCH "/recordings/$id" '{"status": "READY"}'

# a run, stopped and gone on with
ask 200 POST "/recordings/$id/run?dry_run=true"
has '.dry_run and (.steps | length > 0)'
ask 200 POST "/recordings/$id/run" '{"processing_config": {"trimming": {"padding_before": 1}}}'
has '.success and .run_id'
task=$(pick .task_id)
ask 409 POST "/recordings/$id/run"
ask 200 GET "/tasks?recording_id=$id&status=PENDING"
has '.items | length > 1'
ask 200 GET "/tasks/$task"
has '.state == "PENDING"'
ask 200 POST "/recordings/$id/priority" '{"priority": -1}'
ask 200 POST "/recordings/$id/pause"
has .success
ask 200 POST "/recordings/$id/resume"
has .success
ask 200 POST "/recordings/$id/cancel"
has .success
ask 200 POST "/recordings/$id/skip"
has .success
ask 200 POST "/recordings/$id/unskip"
has .success
ask 200 POST "/recordings/$id/reset"
has .success
ask 200 POST "/recordings/$id/download"
task=$(pick .task_id)
ask 200 DELETE "/tasks/$task"
has .cancelled
ask 409 POST "/tasks/$task/cancel"
ask 200 POST "/recordings/$id/download"
ask 200 POST "/tasks/$(pick .task_id)/cancel"
has .cancelled
ask 200 GET "/recordings/$id/stages"
has 'length == 4'
ask 200 GET "/recordings/$id/history"
has 'length > 0'

# what it is made with
ask 200 GET "/recordings/$id/config"
has '.config and .layers and .origins'
ask 200 PATCH "/recordings/$id/config" '{"processing_config": {"trimming": {"on_blank": "skip"}}}'
has '.config.trimming.on_blank == "skip"'
ask 204 DELETE "/recordings/$id/config"
ask 201 POST /templates '{"name": "Courses", "matching_rules": {"keywords": ["course"]}}'
template=$(pick .id)
ask 200 POST "/recordings/$id/template/$template"
has .template
ask 200 DELETE "/recordings/$id/template"
ask 204 DELETE "/templates/$template"

# many at once
ask 200 POST /recordings/bulk/run '{"filters": {"status": ["INITIALIZED"]}, "dry_run": true}'
has '.dry_run and .matched_count == 2'
for operation in run pause resume cancel retry accept skip unskip reset download trim transcribe topics subtitles upload unpublish delete restore purge
do
    ask 200 POST "/recordings/bulk/$operation" "{\"recording_ids\": [\"$other\"]}"
    has '.total == 1 and .queued_count + .skipped_count + .error_count == 1'
done
ask 200 POST /recordings/bulk '{"operation": "skip", "filters": {"search": "algebra"}}'
has '.total == 1'
ask 200 POST /recordings/export '{"recording_ids": ["'"$id"'"]}'
has '.[0].display_name == "Algebra 1"'
ask 200 POST /recordings/export '{"filters": {}, "format": "csv"}'
grep -q '"display_name"' "$answer" || wrong "a table with names of columns"

# one whose run ended: its files, and single steps again
ask 200 GET "/recordings?search=finished"
finished=$(pick '.items[0].id')
ask 200 GET "/recordings/$finished/files"
has 'map(.kind) | index("video") != null'
file=$(pick 'map(select(.kind == "video"))[0].id')
ask 200 GET "/artifacts/$file/url?seconds=60"
url=$(pick .url)
curl --silent --show-error --fail --max-time 60 --output "$answer" "$LEAP_URL${url#"$LEAP_URL"}" || wrong "the file at $url"
for step in trim transcribe topics subtitles
do
    ask 200 POST "/recordings/$finished/$step"
    has '.success and .task_id'
    ask 200 POST "/recordings/$finished/cancel"
done

for step in upload upload/library accept    # it has to be transcribed again first, and nothing holds it
do
    ask 409 POST "/recordings/$finished/$step"
done
has '.code == "LP003"'

ask 200 POST "/recordings/$finished/unpublish"
has .success

# one whose run failed
ask 200 GET "/recordings?search=failed"
failed=$(pick '.items[0].id')
ask 200 POST "/recordings/$failed/retry?dry_run=true"
has .dry_run
ask 200 POST "/recordings/$failed/retry"
has .success

ask 200 DELETE "/recordings/$id"
ask 200 GET '/recordings?search=algebra'
has '.total == 0'
ask 200 POST "/recordings/$id/restore"
has .success

# when it goes by itself, and its files before that
ask 200 PUT "/recordings/$id/expiry" '{"expire_at": "2099-01-01T00:00:00Z"}'
has '.expire_by == "user"'
ask 200 PUT "/recordings/$id/expiry" '{"by_setting": true}'
has '.expire_at == null'
ask 200 DELETE "/recordings/$id"
ask 200 POST "/recordings/$id/purge"
has .success
