/*
 * view/recordings/bulk.js
 *    The bar of a selection: how many, all that match, and what can be done with them.
 *
 *    bulkBar(view)     view: chosen (a Set of ids), wholeList (all that match are meant), total, and
 *                    chooseAll(), chooseNone(), beginMany(operation), exportThese()
 */
import { html, nothing } from '../../app/html.js';
import { t, number } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { menu } from '../../part/menu.js';
import { bulkNames, groups, table, word } from './operations.js';

export const bulkMost = 1000;

function rest(view) {
    return groups.flatMap((group, i) => [...i > 0 ? ['line'] : [], ...group.filter((name) => !bulkNames.includes(name)).map((name) => (
        { label: word(name), icon: table[name].icon, danger: table[name].danger, run: () => view.beginMany(name) }))]);
}

const counted = (view) => view.wholeList
    ? t(view.total?.more ? 'list.bulk.all.more' : 'list.bulk.all', { n: view.total?.total ?? 0 })
    : t('list.bulk.chosen', { n: view.chosen.size });

export const bulkBar = (view) => view.chosen.size === 0 && !view.wholeList ? nothing : html`<div class="bulk" role="region" aria-label=${t('list.bulk.label')}>
    <span class="bulk-count" role="status">${counted(view)}</span>
    ${!view.wholeList && (view.next || view.previous) ? html`<button type="button" class="plain" @click=${() => view.chooseAll()}>${t('list.bulk.choose.all')}</button>` : nothing}
    <span class="grow"></span>
    <span class="bulk-actions">${bulkNames.map((name) => html`<button type="button" class=${table[name].danger ? 'danger' : ''} @click=${() => view.beginMany(name)}>${icon(table[name].icon)}${word(name)}</button>`)}
        <button type="button" @click=${() => view.exportThese()}>${icon('external')}${t('list.export.title')}</button>
        ${menu({ id: 'bulk-more', label: t('list.bulk.more'), text: t('list.bulk.more'), kind: 'text-menu', items: rest(view) })}</span>
    <button type="button" class="icon-button" aria-label=${t('list.bulk.none')} @click=${() => view.chooseNone()}>${icon('close')}</button>
    ${view.wholeList && view.total?.total > bulkMost ? html`<p class="quiet small bulk-note">${t('list.bulk.most', { n: number(bulkMost) })}</p>` : nothing}</div>`;
