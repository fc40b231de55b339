/*
 * part/filters.js
 *    filters({view, fields, search}): controls whose values are the query of the page. fields: of
 *    part/field.js, value from the query by name; a change goes there at once (text after a pause) and the view's moved()
 *    is told. search: the name of the field that the key "/" leads to. filterValues(fields): what the query says.
 */
import { html, nothing } from '../app/html.js';
import { go, query } from '../app/router.js';
import { t } from '../app/text.js';
import { field } from './field.js';

const pause = 250;
let timer = 0;

const change = (view, name, value) => go(view.route.path, { ...query(), [name]: value === true ? 'true' : value, after: null, before: null, page: null }, { replace: true });

export const filterValues = (fields) => {
    const said = query();
    return Object.fromEntries(fields.map((one) => [one.name, said[one.name] ?? one.value ?? '']));
};

export function filters({ view, fields, search }) {
    const values = filterValues(fields);
    const used = fields.some((one) => query()[one.name]);
    return html`<search class="filters">${fields.map((one) => field({
        ...one, id: `filter-${one.name}`, value: one.type === 'checkbox' ? values[one.name] === 'true' : values[one.name],
        input: (value, event) => {
            clearTimeout(timer);
            if (event.type === 'change')
                change(view, one.name, value);
            else
                timer = setTimeout(() => change(view, one.name, value), pause);
        },
    }))}${used ? html`<button class="plain" @click=${() => go(view.route.path, {}, { replace: true })}>${t('filters.clear')}</button>` : nothing}
    ${search ? html`<span hidden data-search="filter-${search}"></span>` : nothing}</search>`;
}
