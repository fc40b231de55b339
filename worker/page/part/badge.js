/*
 * part/badge.js
 *    badge(kind, text): a status as icon and word. kind: 'good', 'bad', 'busy', 'wait', 'warn' or 'off'.
 *    statusBadge(status, {failed, hold}): of a recording, a target or a task, in any of their words.
 *    statusKind(status): the kind a status has.
 */
import { html } from '../app/html.js';
import { t, has } from '../app/text.js';
import { icon } from './icon.js';

const icons = { good: 'check', bad: 'error', busy: 'running', wait: 'waiting', warn: 'warning', off: 'skipped' };

const kinds = {
    READY: 'good', UPLOADED: 'good', SUCCESS: 'good', succeeded: 'good', completed: 'good', finished: 'good', active: 'good',
    FAILED: 'bad', FAILURE: 'bad', failed: 'bad',
    DOWNLOADING: 'busy', PROCESSING: 'busy', TRANSCRIBING: 'busy', UPLOADING: 'busy', running: 'busy',
    SKIPPED: 'off', CANCELLED: 'off', skipped: 'off', cancelled: 'off',
    held: 'warn', needs_reauth: 'warn',
};

export const statusKind = (status) => kinds[status] ?? 'wait';

export const badge = (kind, text) => html`<span class="badge ${kind}">${icon(icons[kind] ?? 'info')}${text}</span>`;

export function statusBadge(status, { failed = false, hold = null } = {}) {
    if (hold)
        return badge('warn', t(has(`hold.${hold}`) ? `hold.${hold}` : 'status.held'));
    const word = `status.${status}`;
    return badge(failed ? 'bad' : statusKind(status), has(word) ? t(word) : status);
}
