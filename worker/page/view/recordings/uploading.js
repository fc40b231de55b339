/*
 * view/recordings/uploading.js
 *    uploadList(list): files on their way, each with its bar and what can be done about it; uploadSum(list): all of
 *    them in a line.
 */
import { html, nothing, repeat } from '../../app/html.js';
import { link } from '../../app/router.js';
import { t, bytes, percent } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { progress } from '../../part/progress.js';
import { said } from '../../part/said.js';
import { uploads } from './uploads.js';

const button = (label, picture, run) => html`<button type="button" class="icon-button" aria-label=${label} title=${label} @click=${run}>${icon(picture)}</button>`;

function controls(one) {
    if (one.state === 'going')
        return button(t('list.add.pause', { name: one.name }), 'paused', () => uploads.pause(one));
    if (one.state === 'paused' || one.state === 'failed')
        return button(t('list.add.go', { name: one.name }), one.state === 'failed' ? 'retry' : 'play', () => uploads.go(one));
    return nothing;
}

const state = (one) => one.state === 'done' ? html`${icon('check')} ${one.recording ? html`<a href=${link(`/recordings/${one.recording}`)}>${t('list.add.open')}</a>` : t('list.add.done')}`
    : one.state === 'failed' ? html`<span class="danger-text">${icon('error')} ${said(one.error, { inline: true })}</span>`
        : html`${t(`list.add.state.${one.state}`)} · ${bytes(one.sent)} / ${bytes(one.size)}`;

export const uploadList = (list) => html`<ul class="upload-list">${repeat(list, (one) => one.id, (one) => html`
    <li class=${one.state}><div class="upload-name"><span class="cut" dir="auto">${one.name}</span><span class="quiet small">${state(one)}</span>
        ${one.state === 'done' || one.state === 'failed' ? nothing : progress({ value: one.sent, max: one.size || 1, label: one.name })}</div>
        ${controls(one)}${one.state === 'done' ? button(t('close'), 'close', () => uploads.forget(one)) : button(t('list.add.cancel', { name: one.name }), 'remove', () => uploads.cancel(one))}</li>`)}</ul>`;

export function uploadSum(list) {
    const open = list.filter((one) => one.state !== 'done' && one.state !== 'failed');
    const all = open.reduce((sum, one) => sum + one.size, 0);
    const failed = list.filter((one) => one.state === 'failed').length;
    if (open.length === 0 && failed > 0)
        return t('list.add.sum.failed', { n: failed });
    return open.length > 0 ? t('list.add.sum', { n: open.length, part: percent(open.reduce((sum, one) => sum + one.sent, 0) / Math.max(all, 1)) }) : t('list.add.sum.done', { n: list.length });
}
