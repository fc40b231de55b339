/*
 * part/badge.js
 *    badge(kind, text): a status as icon and word. kind: 'good', 'bad', 'busy', 'wait', 'warn' or 'off'.
 *    statusBadge(status, {failed, hold}): of a recording or a target.
 *    taskBadge(state): of a task; its words are those of room work: PROCESSING is a running task, but a recording that is trimmed.
 *    statusKind(status): the kind a status has.
 */
import { html } from '../app/html.js';
import { t, has } from '../app/text.js';
import { icon } from './icon.js';

const icons = { good: 'check', bad: 'error', busy: 'running', wait: 'waiting', warn: 'warning', off: 'skipped' };

const kinds = {
    READY: 'good', UPLOADED: 'good', succeeded: 'good', completed: 'good', finished: 'good', active: 'good',
    FAILED: 'bad', failed: 'bad',
    DOWNLOADING: 'busy', PROCESSING: 'busy', TRANSCRIBING: 'busy', UPLOADING: 'busy', running: 'busy',
    SKIPPED: 'off', CANCELLED: 'off', skipped: 'off', cancelled: 'off',
    held: 'warn', needs_reauth: 'warn',
};

const tasks = { SUCCESS: 'good', FAILURE: 'bad', PROCESSING: 'busy', CANCELLED: 'off' };

export const statusKind = (status) => kinds[status] ?? 'wait';

export const badge = (kind, text) => html`<span class="badge ${kind}">${icon(icons[kind] ?? 'info')}${text}</span>`;

export const taskBadge = (state) => badge(tasks[state] ?? 'wait', has(`work.state.${state}`) ? t(`work.state.${state}`) : state);

export function statusBadge(status, { failed = false, hold = null } = {}) {
    if (hold)
        return badge('warn', t(has(`hold.${hold}`) ? `hold.${hold}` : 'status.held'));
    const word = `status.${status}`;
    return badge(failed ? 'bad' : statusKind(status), has(word) ? t(word) : status);
}
