/*
 * view/recordings/menu.js
 *    The menu of a row: one for the whole list, filled by the server's word on each operation when it opens.
 *
 *    menu.open(item, button)       shows it
 *    menu.template()               in the view's template
 */
import { html, nothing, ref, createRef } from '../../app/html.js';
import { api } from '../../app/api.js';
import { t } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { place } from '../../part/menu.js';
import { reasonText, saying } from '../../part/said.js';
import { groups, table, word } from './operations.js';

export class RowMenu {
    #panel = createRef();
    #button = null;
    #item = null;
    #may = null;
    #turn = 0;

    constructor(view) {
        this.view = view;
    }

    async open(item, button) {
        const mine = ++this.#turn;
        this.#button = button;
        this.#item = item;
        this.#may = null;
        this.view.show();
        this.#panel.value.showPopover();
        this.#settle();
        try {
            const rows = await this.view.load((signal) => api.get(`/recordings/${item.id}/operations`, {}, { signal }));
            if (mine !== this.#turn)
                return;
            this.#may = new Map(rows.map((row) => [row.operation, row]));
        }
        catch (error) {
            if (error.name === 'AbortError' || mine !== this.#turn)
                return;
            this.#may = new Map([['error', { reason: saying(error).text }]]);
        }
        this.view.show();
        this.#settle();
        this.#panel.value.querySelector('button:not([aria-disabled])')?.focus();
    }

    #settle() {
        place(this.#panel.value, this.#button);
    }

    #choose(name) {
        const item = this.#item;
        this.#panel.value.hidePopover();
        this.#button?.focus();
        this.view.begin(name, item);
    }

    #move(event) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (!step)
            return;
        event.preventDefault();
        const items = [...this.#panel.value.querySelectorAll('button')];
        items.at((items.indexOf(document.activeElement) + step) % items.length)?.focus();
    }

    #entry(name) {
        const may = this.#may?.get(name);
        const why = may && !may.allowed ? reasonText('verdict', may.verdict, may.reason) : null;
        return html`<button type="button" role="menuitem" class=${table[name].danger ? 'danger-text' : ''} aria-disabled=${may?.allowed ? nothing : 'true'}
            @click=${() => may?.allowed && this.#choose(name)}>${icon(table[name].icon)}<span>${word(name)}${why ? html`<small>${why}</small>` : nothing}</span></button>`;
    }

    /* What can be done comes first; the rest, with its reasons, is below. */
    #entries() {
        const may = (name) => this.#may?.get(name)?.allowed;
        if (!this.#may)
            return html`<div class="skeleton" role="presentation"><div></div><div></div><div></div></div>`;
        const able = groups.map((group) => group.filter(may)).filter((group) => group.length > 0);
        const unable = groups.flat().filter((name) => !may(name) && this.#may.has(name));
        return html`${this.#may.has('error') ? html`<p class="menu-note" role="presentation">${this.#may.get('error').reason}</p>` : nothing}
            ${able.map((group, i) => html`${i > 0 ? html`<hr>` : nothing}${group.map((name) => this.#entry(name))}`)}
            ${unable.length > 0 ? html`<hr><p class="menu-note" role="presentation">${t('work.unable')}</p>${unable.map((name) => this.#entry(name))}` : nothing}`;
    }

    template() {
        return html`<div class="menu row-menu" popover ${ref(this.#panel)} role="menu" aria-label=${this.#item ? t('list.operations', { name: this.#item.display_name }) : t('list.operation')}
            @keydown=${(event) => this.#move(event)}>${this.#item ? this.#entries() : nothing}</div>`;
    }
}
