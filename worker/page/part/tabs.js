/*
 * part/tabs.js
 *    tabs({label, items, current, name}): parts of one view as links, so each has a URL. items:
 *    [{id, label, count, href}]; current: the id that is shown; where there are more than fit, it is moved into sight.
 */
import { html, nothing, ref } from '../app/html.js';
import { number } from '../app/text.js';

/* Once it is laid out, and sideways only: the page stays where it is. */
const reveal = (current) => (nav) => nav && nav.dataset.current !== current && requestAnimationFrame(() => {
    nav.dataset.current = current;
    const tab = nav.querySelector('[aria-current]');
    if (tab)
        nav.scrollLeft = tab.offsetLeft - nav.offsetLeft - (nav.clientWidth - tab.offsetWidth) / 2;
});

export const tabs = ({ label, items, current }) => html`
    <nav class="tabs" aria-label=${label} ${ref(reveal(current))}>${items.map((item) => html`
        <a href=${item.href} aria-current=${item.id === current ? 'page' : nothing}>${item.label}${item.count === undefined ? nothing : html`<span class="count">${number(item.count)}</span>`}</a>`)}</nav>`;
