/*
 * view/recording/targets.js
 *    Where a lecture is published, or is to be: state, link, error, and what can be done about each.
 *
 *  targets(page): a template
 */
import { html, nothing, repeat } from '../../app/html.js';
import { t } from '../../app/text.js';
import { link } from '../../app/router.js';
import { icon } from '../../part/icon.js';
import { reasonWord } from '../../part/said.js';
import { phrase } from '../../part/sentence.js';
import { since } from '../../part/time.js';
import { operationWord, platformWord } from '../../part/work.js';
import { errorText } from './fields.js';

const look = { UPLOADED: 'check', FAILED: 'error', UPLOADING: 'running', NOT_UPLOADED: 'waiting' };
const web = (url) => /^https?:\/\//.test(url ?? '');

export function targets(page) {
    const list = page.data.targets;
    if (list.length === 0)
        return html`<div class="empty"><p>${t('lecture.targets.none')}</p><p class="quiet">${t('lecture.targets.none.hint')}</p></div>`;
    return html`<ul class="target-list">${repeat(list, (target) => target.id, (target) => one(page, target))}</ul>`;
}

function one(page, target) {
    const running = page.data.running.find((task) => task.target === target.id);
    return html`<li class="target"><div class="target-head">
            <strong>${platformWord(target.platform)}</strong>${target.preset ? html`<a class="quiet" dir="auto" href=${link(`/presets/${target.preset.id}`)}>${target.preset.name}</a>` : nothing}
            <span data-state=${target.status.toLowerCase()}>${icon(look[target.status] ?? 'waiting')} ${t(`lecture.target.${target.status.toLowerCase()}`)}</span>
            ${target.outdated ? html`<span class="chip" title=${t('lecture.target.outdated.hint')}>${t('lecture.target.outdated')}</span>` : nothing}
            ${target.wanted ? nothing : html`<span class="chip">${t('lecture.target.unwanted')}</span>`}
            <span class="grow"></span>${buttons(page, target)}</div>
        ${running ? html`<span class="stage-task"><progress max="100" value=${running.progress ?? 0} aria-label=${platformWord(target.platform)}></progress><span class="stage-step">${running.progress ?? 0} % <span class="quiet">${phrase(running.current_step)}</span></span></span>` : nothing}
        ${target.url ? html`<p>${web(target.url) ? html`<a href=${target.url} target="_blank" rel="noopener noreferrer">${target.url} ${icon('external')}</a>` : html`<span class="quiet">${target.url}</span>`}</p>` : nothing}
        ${target.uploaded_at ? html`<p class="quiet">${t('lecture.target.since')} ${since(target.uploaded_at)}</p>` : nothing}
        ${target.error && target.status !== 'UPLOADED' ? html`<p class="notice bad">${errorText(target.error)}</p>` : nothing}</li>`;
}

function buttons(page, target) {
    const published = target.status === 'UPLOADED';
    const names = published ? ['republish', 'unpublish'] : ['upload'];
    return names.map((name) => {
        const { allowed, reason, verdict } = target.operations[name];
        const word = name === 'upload' && target.status === 'FAILED' ? operationWord('retry') : operationWord(name);
        return html`<span class="may">${allowed ? nothing : html`<span class="may-reason" id=${`why-${name}-${target.id}`}>${reasonWord('verdict', verdict, reason)}</span>`}<button type="button" class="small" aria-disabled=${String(!allowed)} aria-describedby=${allowed ? nothing : `why-${name}-${target.id}`}
            @click=${() => allowed && page.operations.target(target, name)}>${word}</button></span>`;
    });
}
