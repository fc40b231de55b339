/*
 * view/notifications/item.js
 *    A message: what it looks like, and where it leads.
 *
 *    place(item)           the href of what a message is about, null: of nothing that has a page here
 *    message(item, {read, close})    a template; read(item) is called when it was opened or marked; close: after a click
 *    markRead(items)       tells the server; items: of the list, null: all
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link, routes } from '../../app/router.js';
import { t } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { since } from '../../part/time.js';

const has = (path) => routes.some((row) => row.path === path);
const icons = { error: 'error', warning: 'warning', info: 'info' };

/* key of the subject: the page of that one, and the page of all */
const places = [
    ['recording', (id) => `/recordings/${id}`, '/recordings/:id'],
    ['webhook', () => '/notifications/webhooks', '/notifications/:part'],
    ['job', (id) => `/automation/${id}`, '/automation/:id', '/automation'],
    ['source', (id) => `/sources/${id}`, '/sources/:id', '/sources'],
    ['credential', (id) => `/credentials/${id}`, '/credentials/:id', '/credentials'],
    ['quota', () => '/account/usage', '/account/:part'],
];

export function place({ event, subject }) {
    for (const [key, path, one, all] of places)
        if (subject?.[key]) {
            if (has(one))
                return link(path(subject[key]));
            if (all && has(all))
                return link(all);
        }
    return event === 'security_alert' ? link('/account/security') : null;
}

export function message(item, { read, close }) {
    const href = place(item);
    const open = () => {
        if (!item.read_at)
            read(item);
        close?.();
    };
    return html`<article class="message ${item.severity} ${item.read_at ? 'read' : ''}" data-row>
        <span class="message-icon">${icon(icons[item.severity] ?? 'info')}<span class="hidden">${t(`notifications.severity.${item.severity}`)}</span></span>
        <div class="message-text"><p class="message-title" dir="auto">${href ? html`<a href=${href} @click=${open}>${item.title}</a>` : item.title}${item.count > 1
            ? html` <span class="count">${t('notifications.times', { n: item.count })}</span>` : nothing}</p>
            <p class="quiet message-body" dir="auto">${item.body}</p>
            <p class="quiet small">${since(item.last_at)}</p></div>
        ${item.read_at ? nothing : html`<button type="button" class="icon-button" aria-label=${t('notifications.mark', { name: item.title })} @click=${() => read(item)}>${icon('check')}</button>`}</article>`;
}

export const markRead = (items) => api.post('/notifications/read', items ? { ids: items.map((item) => item.id) } : {});
