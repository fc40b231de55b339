#!/bin/bash
# tests/curl/admin.sh
#     What administrators do: accounts, plans, limits, invitations, queues, the audit log.
# shellcheck source=tests/curl/lib.sh
. "${0%/*}/lib.sh"
login "$LEAP_EMAIL" "$LEAP_PASSWORD"
ask 403 GET /admin/stats/overview
login_as_admin

ask 200 GET /admin/stats/overview
has '.total_users > 1'
ask 200 GET '/admin/stats/users?per_page=1'
has '.items[0].email'
ask 200 GET '/admin/stats/quotas?period=2026-01'
has '.period == "2026-01"'
ask 200 GET /admin/stats/stages
has .stages
ask 200 GET "/admin/stats/failures?user=$LEAP_EMAIL"
has .failures

ask 201 POST /admin/plans '{"name": "gold", "limits": {"storage_bytes": "50 GB"}}'
has '.subscribers == 0'
ask 200 PATCH /admin/plans/gold '{"limits": {"recordings_per_month": 10}}'
has '.limits.recordings_per_month == 10'
ask 200 GET '/admin/plans?search=gold'
has '.total == 1'
ask 201 POST /admin/users '{"email": "dora@example.org", "password": "The first secret 1", "plan": "gold"}'
has '.subscription.plan == "gold"'
user=$(pick .id)
ask 200 GET '/admin/users?search=dora&role=user'
has '.items[0].plan == "gold"'
ask 200 GET "/admin/users/$user"
has '.email == "dora@example.org"'
ask 200 PATCH "/admin/users/$user" '{"can_upload": false}'
has '.can_upload == false'
ask 204 POST "/admin/users/$user/password" '{"password": "The second secret 2"}'
ask 200 GET "/admin/users/$user/quota"
has '.[0].quota'
ask 200 POST "/admin/users/$user/quota" '{"quota": "recordings_per_month", "limit": "7", "why": "asked"}'
has '.source == "override"'
ask 200 GET "/admin/users/$user/subscription"
has '.plan == "gold"'
ask 200 PATCH "/admin/users/$user/subscription" '{"expires_at": "2199-01-01"}'
has .expires_at
ask 409 DELETE /admin/plans/gold
ask 200 DELETE "/admin/users/$user/subscription"
has '.plan == null'
ask 201 POST "/admin/users/$user/subscription" '{"plan": "gold"}'
has '.plan == "gold"'
ask 200 GET "/admin/users/$user/events"
has '.items | type == "array"'
ask 200 DELETE "/admin/users/$user"
has .deleted
ask 204 DELETE /admin/plans/gold

ask 201 POST /admin/invitations '{"email": "erik@example.org", "days": 3}'
has .invitation
invitation=$(pick .id)
ask 200 GET /admin/invitations
has '.[0].email == "erik@example.org"'
ask 204 DELETE "/admin/invitations/$invitation"

ask 200 GET '/admin/audit?action=set_plan&action=subscribe&per_page=2'
has '.items | length == 2'
ask 200 GET '/admin/audit-log?per_page=1'
has '.items[0].action'
ask 200 POST /admin/audit/export '{"filters": {"action": "set_plan"}, "format": "json"}'
has '.[0].action == "set_plan"'
ask 200 GET /admin/audit/head
ask 200 GET /admin/audit/verify
has .ok

ask 200 GET /admin/queues
has '.[0].queue'
ask 200 POST /admin/queues/notify/pause '{"reason": "a test"}'
has '.state == "paused"'
ask 200 POST /admin/queues/notify/resume
has '.state == "running"'
ask 200 GET /admin/workers
ask 200 GET /admin/outside
has .apps
ask 200 PUT /admin/apps/zoom '{"client_id": "app", "client_secret": "hush", "redirect_uri": "https://leap.example.org/oauth/zoom/callback"}'
has '.client_id == "app"'
! grep -q hush "$answer" || wrong "a secret that is shown again"
ask 204 DELETE /admin/apps/zoom
ask 200 GET /admin/system
ask 200 GET /admin/stats/throughput
ask 200 GET /admin/tasks
ask 200 GET /admin/stuck
ask 200 GET /tasks/place
ask 200 GET /tasks/9/detail
ask 404 POST /admin/tasks/999999/cancel
ask 404 POST /admin/recordings/00000000-0000-7000-8000-000000000000/pause
ask 404 POST /admin/users/00000000-0000-7000-8000-000000000000/sessions/end
ask 200 GET '/admin/stats/failures/examples?kind=download&class=input'
has 'type == "array"'
ask 404 POST /admin/breakers/vk/close
ask 200 POST /admin/doctor
has '.[0].status'
