/*
 * view/recordings/row.js
 *    One recording in the list: rowTemplate(view) makes the template of rows; columns are the names of theirs.
 */
import { html, nothing, live } from '../../app/html.js';
import { link } from '../../app/router.js';
import { t, has, date, duration, shortDate } from '../../app/text.js';
import { badge, statusBadge, statusKind } from '../../part/badge.js';
import { icon } from '../../part/icon.js';
import { reasonWord, said, saying } from '../../part/said.js';
import { since, until } from '../../part/time.js';
import { platformWord, stageWord } from '../../part/work.js';
import { running, strip } from './stages.js';

export const columns = ['check', 'name', 'status', 'stages', 'targets', 'origin', 'when', 'more'];
const chips = { good: 'check', bad: 'error', busy: 'running', wait: 'waiting' };

/* What leads anywhere but to a web page is no link. */
const web = (url) => /^https?:\/\//i.test(url ?? '') ? url : null;

function chip(target) {
    const kind = statusKind(target.status);
    const name = platformWord(target.platform);
    const word = `${name}${target.preset_name ? ` (${target.preset_name})` : ''}: ${t(`status.${target.status}`)}${target.error ? `. ${saying(target.error).text}` : ''}`;
    const inside = html`${icon(chips[kind] ?? 'waiting')}<span class="cut">${name}</span><span class="hidden">${t(`status.${target.status}`)}</span>`;
    return web(target.url)
        ? html`<a class="chip ${kind}" href=${web(target.url)} target="_blank" rel="noopener noreferrer" title=${word}>${inside}</a>`
        : html`<span class="chip ${kind}" title=${word}>${inside}</span>`;
}

/* Why it does not go on, in the server's words, and what to do about it. */
function trouble(item) {
    if (item.hold)
        return html`<td role="cell" class="trouble warn">${icon('warning')}<span>${reasonWord('held', item.hold, item.hold_message)} ${has(`list.do.${item.hold}`) ? html`<b>${t(`list.do.${item.hold}`)}</b>` : nothing}</span></td>`;
    const failed = item.failed ? item.error : item.targets.find((target) => target.status === 'FAILED')?.error;
    if (!failed)
        return nothing;
    return html`<td role="cell" class="trouble bad">${icon('error')}<span dir="auto">${item.failed_at_stage ? html`<b>${stageWord(item.failed_at_stage)}:</b> ` : nothing}${said(failed, { inline: true })}</span></td>`;
}

const later = (iso) => Boolean(iso) && Date.parse(iso) > Date.now();
/* A run is active, and none of its tasks has a place at a worker yet: it waits for a try, for its time, or for its turn. */
const waits = (item) => item.on_air && !item.hold && !item.deleted && item.status !== 'FAILED' && !running(item);
const retries = (item) => waits(item) && later(item.next_attempt_at);
const starts = (item) => waits(item) && later(item.start_at);
const queued = (item) => waits(item) && !item.status.endsWith('ING');

function state(item) {
    if (retries(item))
        return badge('wait', t('work.waits.retry'));
    if (starts(item))
        return statusBadge('scheduled');
    return queued(item) ? statusBadge('ready') : statusBadge(item.status, { failed: item.status === 'FAILED', hold: item.hold });
}

function below(item) {
    if (item.deleted)
        return html`<span class="note">${t('list.deleted')} ${since(item.deleted_at)}</span>`;
    if (retries(item))
        return html`<span class="note">${t('list.again')} ${until(item.next_attempt_at)}</span>`;
    if (starts(item))
        return html`<span class="note">${t('list.starts')} ${until(item.start_at)}</span>`;
    return item.blank_record ? html`<span class="note">${t('list.blank')}</span>` : nothing;
}


const poster = (item) => item.poster_link
    ? html`<img class="poster" src=${item.poster_link} alt="" loading="lazy" decoding="async" width="80" height="45">`
    : html`<span class="poster none">${icon('recordings')}</span>`;

const origin = (item) => html`
    <span class="cut" dir="auto" title=${item.template_name ?? nothing}>${item.template_id ? html`<a class="soft" href=${link(`/templates/${item.template_id}`)}>${item.template_name}</a>` : html`<span class="quiet">${t('list.unmapped')}</span>`}</span>
    <span class="cut quiet" dir="auto" title=${item.source.name ?? nothing}>${item.source.name ?? (has(`list.source.${item.source.type}`) ? t(`list.source.${item.source.type}`) : item.source.type)}</span>`;

export const rowTemplate = (view) => (item) => html`
    <td role="cell" class="check"><input type="checkbox" aria-label=${t('list.select', { name: item.display_name })} .checked=${live(Boolean(item.selected))} @click=${(event) => view.select(item.id, event)}></td>
    <td role="cell" class="name"><a class="picture" href=${link(`/recordings/${item.id}`)} tabindex="-1" aria-hidden="true">${poster(item)}</a>
        <div class="title"><a href=${link(`/recordings/${item.id}`)} dir="auto" title=${item.display_name}>${item.display_name}</a>
            <span class="quiet small">${item.final_duration ?? item.duration ? duration(item.final_duration ?? item.duration) : nothing}</span></div></td>
    <td role="cell" class="state">${state(item)}${below(item)}</td>
    <td role="cell" class="stages">${strip(item)}</td>
    <td role="cell" class="targets">${item.targets.map(chip)}</td>
    <td role="cell" class="origin">${origin(item)}</td>
    <td role="cell" class="when"><time datetime=${item.start_time ?? nothing} title=${`${t('list.begun')}: ${date(item.start_time)}`}>${shortDate(item.start_time)}</time><span class="quiet" title=${t('list.added')}>${since(item.created_at)}</span></td>
    <td role="cell" class="more"><button class="icon-button" aria-haspopup="menu" aria-label=${t('list.operations', { name: item.display_name })}
        @click=${(event) => view.menu.open(item, event.currentTarget)}>${icon('more')}</button></td>
    ${trouble(item)}`;
