/*
 * view/recordings/filters.js
 *    What narrows the list: search, quick choices with their counts, panels of choices, and what is set as chips.
 *
 *    filterBar(view)    view: place, choices (null: not known yet), change(filters), askChoices()
 */
import { html, nothing, live } from '../../app/html.js';
import { t, number, day } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { drop } from './drop.js';
import { filterTable, sizes, sorts, statuses, toggle } from './place.js';

const pause = 250;
const quick = ['active', 'failed', 'held'];
let timer = 0;

const set = (view, name, value) => view.change({ ...view.place.filters, [name]: value });

const word = (view, name, value) => ({
    status: () => t(`status.${value}`),
    template: () => view.choices?.templates.find((one) => one.id === value)?.name ?? t('list.filter.template'),
    source: () => view.choices?.sources.find((one) => one.id === value)?.name ?? t('list.filter.source'),
    search: () => `“${value}”`,
    from: () => t('list.filter.from.chip', { day: day(value) }),
    to: () => t('list.filter.to.chip', { day: day(value) }),
}[name]?.() ?? t(`list.filter.${name}.${value}`));

function typed(view, value) {
    clearTimeout(timer);
    timer = setTimeout(() => view.closed || set(view, 'search', value.trim() || null), pause);
}

const box = (checked, label, count, run) => html`<label class="choice"><input type="checkbox" .checked=${live(checked)} @change=${run}><span dir="auto">${label}</span>${count === undefined ? nothing : html`<span class="count">${number(count)}</span>`}</label>`;

const panel = (view, name, options) => drop({
    id: `filter-${name}`, text: t(`list.filter.${name}`), count: view.place.filters[name]?.length ?? 0, onOpen: () => view.askChoices(),
    body: options.length === 0 ? html`<p class="menu-note">${view.choices ? t(`list.filter.${name}.none`) : t('loading')}</p>` : options.map(({ value, label, count }) =>
        box(view.place.filters[name]?.includes(value) ?? false, label, count, () => set(view, name, toggle(view.place.filters[name], value)))),
});

const select = (view, name, values) => html`<label class="panel-field"><span>${t(`list.filter.${name}`)}</span><select @change=${(event) => set(view, name, event.target.value || null)}>
    <option value="" .selected=${live(!view.place.filters[name])}>${t(`list.filter.${name}.any`)}</option>${values.map((value) => html`
    <option value=${value} .selected=${live(view.place.filters[name] === value)}>${t(`list.filter.${name}.${value}`)}</option>`)}</select></label>`;

const dayField = (view, name) => html`<label class="panel-field"><span>${t(`list.filter.${name}`)}</span><input type="date" .value=${live(view.place.filters[name] ?? '')}
    @change=${(event) => set(view, name, event.target.value || null)}></label>`;

const more = (view) => drop({
    id: 'filter-more', text: t('list.filter.more'), count: ['from', 'to', 'mapped', 'blank', 'deleted'].filter((name) => view.place.filters[name]).length,
    body: html`<div class="panel-fields">${dayField(view, 'from')}${dayField(view, 'to')}${select(view, 'mapped', ['true', 'false'])}${select(view, 'blank', ['with', 'only'])}${select(view, 'deleted', ['with', 'only'])}</div>`,
});

const order = (view) => drop({
    id: 'filter-order', text: t(`list.sort.${view.place.sort}`), icon: view.place.order === 'desc' ? 'down' : 'up',
    body: html`<div class="panel-fields"><fieldset><legend>${t('list.sort')}</legend>${sorts.map((sort) => html`<label class="choice"><input type="radio" name="sort" .checked=${live(view.place.sort === sort)} @change=${() => view.turn({ sort })}><span>${t(`list.sort.${sort}`)}</span></label>`)}</fieldset>
        <fieldset><legend>${t('list.sort.order')}</legend>${['desc', 'asc'].map((one) => html`<label class="choice"><input type="radio" name="order" .checked=${live(view.place.order === one)} @change=${() => view.turn({ order: one })}><span>${t(`list.sort.${one}`)}</span></label>`)}</fieldset>
        <label class="panel-field"><span>${t('list.sort.size')}</span><select @change=${(event) => view.turn({ size: Number(event.target.value) })}>${sizes.map((size) => html`<option value=${size} .selected=${live(view.place.size === size)}>${number(size)}</option>`)}</select></label></div>`,
});

function chips(view) {
    const set_ = Object.entries(view.place.filters).filter(([name]) => !quick.includes(name)).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
    return set_.length === 0 ? nothing : html`<ul class="chips" aria-label=${t('list.filter.set')}>${set_.map(([name, value]) => html`<li><button type="button" class="chip set" aria-label=${t('list.filter.remove', { name: word(view, name, value) })}
        @click=${() => set(view, name, Array.isArray(view.place.filters[name]) ? toggle(view.place.filters[name], value) : null)}><bdi class="cut">${word(view, name, value)}</bdi>${icon('close')}</button></li>`)}
        <li><button type="button" class="plain" @click=${() => view.change({})}>${t('filters.clear')}</button></li></ul>`;
}

export function filterBar(view) {
    const { filters } = view.place;
    const none = !quick.some((name) => filters[name]);
    return html`<search class="bar">
        <div class="search-box">${icon('search')}<input type="search" data-search id="list-search" aria-label=${t('list.filter.search')} placeholder=${t('list.filter.search')} maxlength="200" .value=${live(view.searching ?? filters.search ?? '')}
            @input=${(event) => { view.searching = event.target.value; typed(view, event.target.value); }}></div>
        <div class="quick" role="group" aria-label=${t('list.filter.quick')}>
            <button type="button" aria-pressed=${String(none)} @click=${() => view.change(Object.fromEntries(Object.entries(filters).filter(([name]) => !quick.includes(name))))}>${t('list.filter.all')}</button>
            ${quick.map((name) => html`<button type="button" class=${name} aria-pressed=${String(filters[name] === 'true')} @click=${() => set(view, name, filters[name] ? null : 'true')}>${t(`list.filter.${name}.true`)}${view.choices
                ? html`<span class="count">${number(view.choices[name])}</span>` : nothing}</button>`)}</div>
        <div class="drops">${panel(view, 'status', statuses.map((value) => ({ value, label: t(`status.${value}`), count: view.choices ? view.choices.statuses[value] ?? 0 : undefined })))}
            ${panel(view, 'template', (view.choices?.templates ?? []).map((one) => ({ value: one.id, label: one.name, count: one.count })))}
            ${panel(view, 'source', (view.choices?.sources ?? []).map((one) => ({ value: one.id, label: one.name, count: one.count })))}
            ${more(view)}${order(view)}</div></search>${chips(view)}`;
}

export const anyFilter = (filters) => Object.keys(filterTable).some((name) => filters[name] !== undefined && filters[name] !== null && filters[name].length !== 0);
