/*
 * view/recordings/recordings.js
 *    The list of recordings: what a lecture team looks at all day. What it shows is in its address; what happens is
 *    seen at once, and nothing moves under the pointer: what is new waits until it is asked for.
 */
import { html, nothing, ref, createRef } from '../../app/html.js';
import { api } from '../../app/api.js';
import { go, link, query } from '../../app/router.js';
import { t, number, words } from '../../app/text.js';
import { View, style } from '../../app/view.js';
import { empty, skeleton } from '../../part/empty.js';
import { icon } from '../../part/icon.js';
import { pager } from '../../part/pager.js';
import { problem } from '../../part/problem.js';
import { reasonText } from '../../part/said.js';
import { toast, toastError } from '../../part/toast.js';
import { bulkBar, bulkMost } from './bulk.js';
import { anyFilter, filterBar } from './filters.js';
import { RowMenu } from './menu.js';
import { operate, table, word } from './operations.js';
import { asked, askedFilters, bulkFilters, read, write } from './place.js';
import { columns, rowTemplate } from './row.js';
import { Rows } from './rows.js';
import { progressed, taskMoved } from './stages.js';
import { uploads } from './uploads.js';
import { uploadSum } from './uploading.js';

const sortOf = { name: 'display_name', status: 'status', when: 'start_time' };
const newsPause = 800;     // ms
const choicesPause = 4000; // ms; however much happens, counts are asked for that seldom

export default class Recordings extends View {
    offered = null;
    sample = false;
    #offering = null;
    place = read(query());
    menu = new RowMenu(this);
    chosen = new Set();
    wholeList = false;
    rows = null;
    count = null;
    next = null;
    previous = null;
    total = null;
    choices = null;
    blank = null;
    error = null;
    searching = null;
    #body = createRef();
    #news = new Set();
    #new = new Set();
    #added = new Set();
    #turn = 0;
    #last = null;
    #newsSoon = this.again(() => this.#askNews(), newsPause);
    #choicesSoon = this.again(() => this.#readChoices(), choicesPause);

    title() { return t('list.title'); }
    loading() { return true; }

    async open() {
        this.live('recording target deletion', (event, type) => this.#moved(event, type));
        this.live('task', (event) => this.#task(event));
        this.live('progress', (event) => this.#patch(event, progressed));
        this.onReset(() => this.ask({ quiet: true }));
        this.after(uploads.onChange(() => this.#showOwn() || this.update()));
        this.after(() => this.rows?.close());
        for (const type of ['dragover', 'drop'])
            this.listen(document, type, (event) => this.#dragged(event, type));
        this.listen(document, 'keydown', (event) => this.#pressed(event));
        await style('view/recordings.css');
        await this.ask();
        this.askChoices();
    }

    moved(route) {
        const old = JSON.stringify(this.place.filters);
        this.place = read(route.query);
        this.searching = null;
        const asking = this.ask();
        // the rows come first
        if (JSON.stringify(this.place.filters) !== old) {
            this.chooseNone();
            asking.then(() => this.askChoices());
        }
        return true;
    }

    /* Questions --------------------------------------------------------------------------- */

    async ask({ quiet = false } = {}) {
        const mine = ++this.#turn;
        this.asking = !quiet;
        this.update();
        try {
            const page = await this.load((signal) => api.get('/recordings/browse', asked(this.place), { signal }));
            if (mine !== this.#turn || this.closed)
                return;
            Object.assign(this, { next: page.next, previous: page.previous, count: page.items.length, error: null, asking: false });
            this.#new.clear();
            this.#news.clear();
            this.show();
            this.#fill(page.items);
        }
        catch (error) {
            if (error.name === 'AbortError' || mine !== this.#turn)
                return;
            // a place of another order, or one that is none: from the beginning
            if (error.code === 'LP030' && (this.place.after || this.place.before)) {
                this.turn({}, { replace: true });
                return;
            }
            this.error = error;
            this.asking = false;
        }
        this.update();
    }

    #fill(items) {
        this.rows ??= new Rows({ body: this.#body.value, template: rowTemplate(this), ask: (ids) => this.#askItems({ ids, most: ids.length }) });
        for (const item of items)
            item.selected = this.chosen.has(item.id);
        this.rows.set(items);
    }

    async #askItems(question) {
        return (await this.load((signal) => api.get('/recordings/browse', question, { signal }))).items;
    }

    async #readChoices() {
        const { filters } = this.place;
        const choices = await this.load((signal) => api.get('/recordings/choices', askedFilters(filters), { signal }));
        // those without speech are left out: it is said how many
        const blank = filters.blank ? null : await this.load((signal) => api.get('/recordings/browse', { ...askedFilters({ ...filters, blank: 'only' }), most: 1, total: true }, { signal }));
        // other filters were chosen meanwhile, which are asked for
        if (JSON.stringify(filters) !== JSON.stringify(this.place.filters))
            return;
        Object.assign(this, { choices, blank });
        this.update();
    }

    async askChoices() {
        try {
            await this.#readChoices();
        }
        catch (error) {
            if (error.name !== 'AbortError')
                toastError(error);
        }
    }

    /* Which of those that are new, or are another thing now, belong into this list. */
    async #askNews() {
        const ids = [...this.#news].slice(0, 100);
        // they were shown meanwhile
        if (ids.length === 0)
            return;
        const items = await this.#askItems({ include_blank: 'false', deleted: 'false', ...askedFilters(this.place.filters), ids, most: ids.length });
        ids.forEach((id) => this.#news.delete(id));
        items.filter((item) => !this.rows?.item(item.id)).forEach((item) => this.#new.add(item.id));
        if (!this.#showOwn() && items.length > 0)
            this.update();
        if (this.#news.size > 0)
            this.#newsSoon();
    }

    /* What somebody added here himself he wants to see at once; it is on the first page. */
    #showOwn() {
        const own = uploads.list.some((one) => one.recording && this.#new.has(one.recording)) || [...this.#added].some((id) => this.#new.has(id));
        if (!own || this.place.after || this.place.before || this.asking)
            return false;
        this.ask({ quiet: true });
        return true;
    }

    /* Events ------------------------------------------------------------------------------- */

    #patch(event, change) {
        const item = this.rows?.item(event.recording);
        if (item && change(item, event))
            this.rows.touch(event.recording);
    }

    /* That a run has begun is told by its tasks alone. */
    #task(event) {
        this.#choicesSoon();
        this.#patch(event, taskMoved);
        if (this.rows?.item(event.recording)?.on_air === false)
            this.rows.ask(event.recording);
    }

    #moved(event, type) {
        this.#choicesSoon();
        const item = this.rows?.item(event.recording);
        if (item) {
            if (type === 'recording' && event.to)
                this.rows.change(event.recording, { status: event.to });
            this.rows.ask(event.recording);
        }
        else if (type === 'recording' && (event.from === undefined || anyFilter(this.place.filters))) {
            this.#news.add(event.recording);
            this.#newsSoon();
        }
    }

    /* Where to go -------------------------------------------------------------------------- */

    change(filters) {
        go('/recordings', write({ ...this.place, filters, after: null, before: null }), { replace: true });
    }

    turn(place, { replace = true } = {}) {
        go('/recordings', write({ ...this.place, after: null, before: null, ...place }), { replace });
    }

    #href(place) {
        return link('/recordings', write({ ...this.place, after: null, before: null, ...place }));
    }

    /* Selection ---------------------------------------------------------------------------- */

    select(id, event) {
        const on = event.target.checked;
        const ids = this.rows.ids;
        const [a, b] = [ids.indexOf(this.#last), ids.indexOf(id)];
        const these = event.shiftKey && a >= 0 ? ids.slice(Math.min(a, b), Math.max(a, b) + 1) : [id];
        this.#last = id;
        this.#choose(these, on);
    }

    #choose(ids, on) {
        this.wholeList = false;
        for (const id of ids) {
            this.chosen[on ? 'add' : 'delete'](id);
            this.rows.change(id, { selected: on });
        }
        this.update();
    }

    async chooseAll() {
        this.wholeList = true;
        this.total = null;
        this.update();
        this.total = await this.load((signal) => api.get('/recordings/browse', { ...asked({ ...this.place, after: null, before: null }), most: 1, total: true }, { signal })).catch(() => null);
        this.update();
    }

    chooseNone() {
        const ids = [...this.chosen];
        this.wholeList = false;
        this.chosen.clear();
        ids.forEach((id) => this.rows?.change(id, { selected: false }));
        this.update();
    }

    /* Doing -------------------------------------------------------------------------------- */

    async begin(name, item) {
        const { look, now, back } = table[name];
        if (look)
            return this.#preview(name, { recording_ids: [item.id] }, { name: item.display_name });
        let undo = () => {};
        const answer = await api.optimistic({
            apply: () => { undo = this.rows.change(item.id, now(item)); },
            undo: () => { undo(); this.rows.ask(item.id); },
            call: async () => this.#one(name, await operate(name, { recording_ids: [item.id] })),
        });
        if (!answer)
            return undefined;
        this.rows.ask(item.id);
        toast(t('list.did', { operation: word(name), name: item.display_name }), { kind: 'good', action: back ? { label: word(back), run: () => this.begin(back, item) } : undefined });
        return answer;
    }

    /* The answer for the only one; what was refused is an error as elsewhere. */
    #one(name, answer) {
        const [row] = answer.tasks;
        if (!row || ['skipped', 'error'].includes(row.status))
            throw Object.assign(new Error(`${word(name)}: ${reasonText('verdict', row?.verdict, row?.reason)}`), { status: 409 });
        return row;
    }

    beginMany(name) {
        const body = this.wholeList ? { filters: bulkFilters(this.place.filters), limit: bulkMost } : { recording_ids: [...this.chosen].slice(0, bulkMost) };
        return this.#preview(name, body, { capped: this.wholeList && (this.total?.total ?? 0) > bulkMost });
    }

    async #preview(operation, body, settings) {
        const { preview } = await import('./preview.js');
        return preview({ view: this, operation, body, templates: this.choices?.templates, ...settings, onDone: (answer) => {
            toast(t('list.bulk.done', { n: answer.queued_count, operation: word(operation) }), { kind: 'good' });
            answer.tasks.forEach((row) => this.rows?.ask(row.recording_id));
        } });
    }

    async exportThese() {
        const { exportDialog } = await import('./exporting.js');
        exportDialog({ ids: this.wholeList ? [] : [...this.chosen], filters: bulkFilters(this.place.filters) });
    }

    async add(settings = {}) {
        const { addDialog } = await import('./add.js');
        if (!this.choices)
            await this.askChoices();
        addDialog({ templates: this.choices?.templates ?? [], onAdded: (id) => { this.#added.add(id); this.#showOwn(); }, ...settings });
    }

    #dragged(event, type) {
        if (!event.dataTransfer?.types.includes('Files') || event.target.closest?.('dialog'))
            return;
        event.preventDefault();
        if (type === 'drop')
            this.add({ files: event.dataTransfer.files });
    }

    #pressed(event) {
        if (event.key !== 'x' || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea, select, dialog'))
            return;
        const id = event.target.closest?.('[data-row]')?.dataset.id;
        if (id)
            this.#choose([id], !this.chosen.has(id));
    }

    /* Templates ---------------------------------------------------------------------------- */

    #column(name) {
        const sort = sortOf[name];
        if (name === 'check') {
            const all = this.rows && this.rows.ids.length > 0 && this.rows.ids.every((id) => this.chosen.has(id));
            return html`<th role="columnheader" class="check"><label><input type="checkbox" .checked=${Boolean(all)} @click=${() => this.#choose(this.rows.ids, !all)}><span>${t('list.select.page')}</span></label></th>`;
        }
        if (!sort)
            return html`<th role="columnheader" class=${name}>${name === 'more' ? html`<span class="hidden">${t('list.operation')}</span>` : t(`list.column.${name}`)}</th>`;
        const here = this.place.sort === sort;
        const order = here && this.place.order === 'desc' ? 'asc' : here ? 'desc' : name === 'when' ? 'desc' : 'asc';
        return html`<th role="columnheader" class=${name} aria-sort=${here ? (this.place.order === 'asc' ? 'ascending' : 'descending') : 'none'}><a class="soft" href=${this.#href({ sort, order })}>${t(`list.column.${name}`)}${here
            ? icon(this.place.order === 'asc' ? 'up' : 'down') : nothing}</a></th>`;
    }

    /* Who has nothing yet is offered three ways to begin: a file, an address, the sample. */
    async #offer() {
        const [{ Begin }, had] = await Promise.all([import('../first/begin.js'), this.load((signal) => api.get('/users/me/first-steps', {}, { signal })), words('first'), style('view/first.css')]);
        if (had.recordings)
            return;
        this.sample = had.sample;
        this.offered = new Begin(this, { done: (id) => go('/welcome', { recording: id }) });
        this.after(() => this.offered.close());
        this.update();
    }

    #nothing() {
        if (this.place.after || this.place.before)
            return empty({ title: t('list.none.here'), action: html`<a class="button" href=${this.#href({})}>${t('list.first')}</a>` });
        if (anyFilter(this.place.filters))
            return empty({ title: t('list.none.match'), text: t('list.none.match.text'), action: html`<button type="button" @click=${() => this.change({})}>${t('filters.clear')}</button>` });
        // without the offer the list still says what to do
        this.#offering ??= this.#offer().catch((error) => error.name === 'AbortError' || toastError(error));
        if (this.offered)
            return html`<section class="stack first"><h2>${t('first.title')}</h2>${this.offered.template(this.sample)}</section>`;
        return empty({ title: t('list.none'), text: t('list.none.text'), action: html`<button type="button" class="primary" @click=${() => this.add()}>${icon('add')}${t('list.add.title')}</button>` });
    }

    template() {
        const shown = this.count !== null;
        return html`<div class="recordings">
            <div class="head"><h1>${t('list.title')}</h1>
                ${uploads.list.length > 0 ? html`<button type="button" class="plain" @click=${() => this.add()}>${icon('upload')}${uploadSum(uploads.list)}</button>` : nothing}
                <button type="button" class="plain wide-only" @click=${() => this.exportThese()}>${icon('external')}${t('list.export.title')}</button>
                <button type="button" class="primary" @click=${() => this.add()}>${icon('add')}${t('list.add.title')}</button></div>
            ${filterBar(this)}
            ${problem(this.error)}
            <div class="news" role="status">${this.#new.size > 0 ? html`<button type="button" @click=${() => this.turn({})}>${icon('up')}${t('list.new', { n: this.#new.size })}</button>` : nothing}</div>
            ${shown ? nothing : skeleton(8)}
            <table role="table" class="list" ?hidden=${!shown || this.count === 0} aria-label=${t('list.title')} aria-busy=${String(Boolean(this.asking))}>
                <thead role="rowgroup"><tr role="row">${columns.map((name) => this.#column(name))}</tr></thead>
                <tbody role="rowgroup" ${ref(this.#body)}></tbody></table>
            ${shown && this.count === 0 ? this.#nothing() : nothing}
            ${shown ? pager({ previous: this.previous && this.#href({ before: this.previous }), next: this.next && this.#href({ after: this.next }), text: t('list.shown', { n: number(this.count) }) }) : nothing}
            ${!this.place.filters.blank && this.blank?.total > 0 ? html`<p class="quiet small">${t('list.blank.hidden', { n: this.blank.total })} · <button type="button" class="link-button" @click=${() => this.change({ ...this.place.filters, blank: 'with' })}>${t('list.blank.show')}</button></p>` : nothing}
            ${bulkBar(this)}${this.menu.template()}</div>`;
    }
}
