#!/bin/bash
# tests/curl/templates.sh
#     Templates and presets: what recordings are recognized by, and how they are published.
# shellcheck source=tests/curl/lib.sh
. "${0%/*}/lib.sh"
login "$LEAP_EMAIL" "$LEAP_PASSWORD"

ask 201 POST /presets '{"name": "Shelf", "platform": "library"}'
preset=$(pick .id)
ask 409 POST /presets '{"name": "Shelf", "platform": "library"}'
ask 200 GET '/presets?platform=library&is_active=true'
has '.total == 1 and .items[0].name == "Shelf"'
ask 200 GET '/presets/rules?platform=library'
has 'length > 0 and .[0].path'
ask 200 GET "/presets/$preset"
has ".id == \"$preset\""
ask 200 PATCH "/presets/$preset" '{"description": "ours"}'
has '.description == "ours"'
ask 200 POST /presets/render-preview '{"metadata": {"title_template": "x"}, "platform": "library"}'
has '.title == "x"'
ask 201 POST "/presets/$preset/copy" '{"name": "Another shelf"}'
copy=$(pick .id)
ask 200 POST /presets/bulk/delete "{\"ids\": [\"$copy\"]}"
has '.deleted_count == 1'

ask 201 POST '/templates?auto_rematch=true' "{\"name\": \"Algebra\", \"matching_rules\": {\"keywords\": [\"algebra\"]}, \"output_config\": {\"preset_ids\": [\"$preset\"]}}"
template=$(pick .id)
ask 422 POST /templates '{"name": "Bad", "matching_rules": {"patterns": ["("]}}'
has '.code == "LP030" and .hint'
ask 200 GET '/templates?search=alg&per_page=5'
has '.total == 1 and .per_page == 5'
ask 200 GET "/templates/$template"
has '.name == "Algebra"'
ask 200 PATCH "/templates/$template" '{"description": "numbers"}'
has '.description == "numbers"'
ask 200 POST "/templates/$template/set-as-default"
has .is_default
ask 200 GET /templates/default
has ".id == \"$template\""
ask 200 POST "/templates/$template/set-as-default?is_default=false"
has '.is_default | not'
ask 404 GET /templates/default
ask 200 GET "/templates/$template/stats"
has '.total_recordings == 0'
ask 200 GET "/templates/$template/preview"
has '.will_match_count == 0'
ask 200 POST "/templates/$template/preview?limit=10"
has '.will_match_count == 0'
ask 200 POST /templates/preview-rules '{"rules": {"keywords": ["algebra"]}}'
has '.will_match_count == 0'
ask 200 POST "/templates/$template/rematch?only_unmapped=true"
has '.matched == 0'
ask 200 POST /templates/render-preview '{"metadata": {"title_template": "t"}}'
has '.title == "t"'
ask 200 GET '/recordings?per_page=1'
recording=$(pick '.items[0].id')
ask 201 POST "/templates/from-recording/$recording" '{"name": "Like it"}'
like=$(pick .id)
ask 201 POST "/templates/$template/copy"
has '.name == "Copy of Algebra" and .is_draft'
copy=$(pick .id)
ask 200 POST /templates/bulk/delete "{\"ids\": [\"$copy\", \"$like\"]}"
has '.deleted_count == 2'

ask 200 GET "/config/resolve?template_id=$template"
has '.config and .layers[1].name == "Algebra"'
ask 200 GET /config/rules
has '.rules[0].path'

ask 204 DELETE "/templates/$template"
ask 404 GET "/templates/$template"
ask 204 DELETE "/presets/$preset"
ask 404 GET "/presets/$preset"
