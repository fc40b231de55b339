#!/bin/bash
# tests/curl/notifications.sh
#     Messages, what is wanted of them, webhooks and deliveries; the ticket of the stream of events.
# shellcheck source=tests/curl/lib.sh
. "${0%/*}/lib.sh"
login "$LEAP_EMAIL" "$LEAP_PASSWORD"

ask 200 GET '/notifications?per_page=5'
has '.items | type == "array"'
ask 200 GET /notifications/unread-count
ask 200 GET /notifications/events
has '.[0].event'
ask 200 POST /notifications/read '{}'
has '.marked >= 0'
ask 200 GET '/notifications?unread=true'
has '.items == []'
ask 200 GET /notifications/preferences
has '.[0].channel'
ask 200 PUT /notifications/preferences/upload_failed/email '{"enabled": false}'
has '.enabled == false'

ask 201 POST /notifications/webhooks '{"url": "https://example.org/hook"}'
has '.secret | startswith("whsec_")'
hook=$(pick .id)
ask 200 GET /notifications/webhooks
has '.total == 1 and .items[0].secret == null'
ask 200 GET "/notifications/webhooks/$hook"
has '.state == "active"'
ask 200 PATCH "/notifications/webhooks/$hook" '{"events": ["upload_failed"]}'
has '.events == ["upload_failed"]'
ask 200 POST "/notifications/webhooks/$hook/rotate-secret"
has .secret
ask 202 POST "/notifications/webhooks/$hook/test"
delivery=$(pick .id)
ask 200 GET '/notifications/deliveries?channel=webhook'
has '.items[0].events == ["webhook_test"]'
ask 409 POST "/notifications/deliveries/$delivery/redeliver"
has '.code == "LP003"'
ask 204 DELETE "/notifications/webhooks/$hook"
ask 404 GET "/notifications/webhooks/$hook"

ask 200 POST /events/ticket
has .ticket
