/*
 * part/tabs.js
 *    tabs({label, items, current, name}): parts of one view as links, so each has a URL. items:
 *    [{id, label, count, href}]; current: the id that is shown.
 */
import { html, nothing } from '../app/html.js';
import { number } from '../app/text.js';

export const tabs = ({ label, items, current }) => html`
    <nav class="tabs" aria-label=${label}>${items.map((item) => html`
        <a href=${item.href} aria-current=${item.id === current ? 'page' : nothing}>${item.label}${item.count === undefined ? nothing : html`<span class="count">${number(item.count)}</span>`}</a>`)}</nav>`;
