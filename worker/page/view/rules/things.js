/*
 * view/rules/things.js
 *    A list of things that people have set up: filters in the URL, pages, one line each.
 *
 *  class Templates extends Things {
 *      kind = { path: '/templates', word: 'templates' }     path: of the API and of the page (from: where the API's is another); word: in the navigation, texts: of its words
 *      columns()   of part/table.js; the first is added: the name as a link
 *      fields()    further filters beside the search
 *  }
 * name(row) is what the link says, extra() what stands beside the button that adds one. change(row, fields, call) shows
 * fields at once and takes them back when the server refuses.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link, query } from '../../app/router.js';
import { number, t } from '../../app/text.js';
import { View, style } from '../../app/view.js';
import { empty, skeleton } from '../../part/empty.js';
import { filterValues, filters } from '../../part/filters.js';
import { icon } from '../../part/icon.js';
import { pager } from '../../part/pager.js';
import { table } from '../../part/table.js';
import { toastError } from '../../part/toast.js';
import { quietly } from './parts.js';

const size = 50;

export class Things extends View {
    kind = null;
    page = null;
    #turn = 0;

    columns() { return []; }
    fields() { return []; }
    name(row) { return row.name; }
    extra() { return nothing; }
    above() { return nothing; }
    ask() { return {}; }
    async prepare() {}

    title() { return t(`nav.${this.kind.word}`); }
    loading() { return true; }

    async open() {
        this.onReset(() => quietly(this.read()));
        await Promise.all([style('view/rules.css'), this.prepare(), this.read()]);
    }

    async read() {
        const turn = ++this.#turn;
        const said = filterValues(this.#fields());
        const page = await this.load((signal) => api.get(this.kind.from ?? this.kind.path, { sort_by: this.kind.sort ?? 'name', sort_order: 'asc', ...said, ...this.ask(), page: query().page ?? 1, per_page: size }, { signal }));
        if (turn !== this.#turn)
            return;
        this.page = page;
        this.update();
    }

    moved() {
        this.read().catch((error) => error.name !== 'AbortError' && toastError(error));
        return true;
    }

    change(row, fields, call) {
        const before = Object.fromEntries(Object.keys(fields).map((name) => [name, row[name]]));
        const lay = (values) => {
            Object.assign(row, values);
            this.update();
        };
        return api.optimistic({ apply: () => lay(fields), undo: () => lay(before), call });
    }

    #fields() {
        return [{ name: 'search', label: t('rules.search'), type: 'search', autocomplete: 'off' }, ...this.fields()];
    }

    #list() {
        if (!this.page)
            return skeleton(6);
        const { items, page, total, total_pages: pages, more } = this.page;
        const at = (n) => link(this.route.path, { ...query(), page: n });
        if (items.length === 0)
            return this.#fields().some((one) => query()[one.name])
                ? empty({ title: t('rules.none.found'), text: t('rules.none.found.text') })
                : empty({ title: t(`${this.kind.texts}none`), text: t(`${this.kind.texts}none.text`), action: this.#add('primary') });
        return html`${table({
            caption: this.title(), rows: items,
            columns: [{ label: t('rules.name'), kind: 'wide', cell: (row) => html`<div data-row><a class="thing" dir="auto" href=${link(`${this.kind.path}/${row.id}`)}>${this.name(row)}</a>${row.description ? html`<p class="quiet small clamp" dir="auto">${row.description}</p>` : nothing}</div>` }, ...this.columns()],
        })}${pager({
            previous: page > 1 ? at(page - 1) : null, next: page < pages ? at(page + 1) : null,
            text: t(more ? 'rules.total.more' : 'rules.total', { n: total, total: number(total) }),
        })}`;
    }

    #add(style_) {
        return html`<a class="button ${style_}" href=${link(`${this.kind.path}/new`)}>${icon('add')}${t(`${this.kind.texts}add`)}</a>`;
    }

    template() {
        return html`<div class="head"><h1>${this.title()}</h1>${this.extra()}${this.#add('primary')}</div>${this.above()}
            ${filters({ view: this, fields: this.#fields(), search: 'search' })}${this.#list()}`;
    }
}
