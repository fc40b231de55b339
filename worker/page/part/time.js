/*
 * part/time.js
 *    since(iso): "3 minutes ago", kept true, with the whole date as its title.
 *    until(iso): the same of what is to come.
 */
import { html, nothing } from '../app/html.js';
import { ago, date } from '../app/text.js';

const shown = 'time[data-since]';

export const since = (iso) => html`<time data-since=${iso ?? ''} datetime=${iso ?? nothing} title=${date(iso)}>${ago(iso)}</time>`;
export const until = since;

/* The words are a text node of the template: it is changed, not replaced. */
function refresh() {
    if (document.hidden)
        return;
    for (const element of document.querySelectorAll(shown)) {
        const node = [...element.childNodes].find((child) => child.nodeType === Node.TEXT_NODE);
        const text = ago(element.dataset.since || null);
        if (node && node.data !== text)
            node.data = text;
    }
}

setInterval(refresh, 15_000);
document.addEventListener('visibilitychange', refresh);
