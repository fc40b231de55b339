/*
 * view/notifications/notifications.js
 *    The notification centre: messages, by which channels they come, webhooks, and what was sent.
 */
import { html } from '../../app/html.js';
import { View, style } from '../../app/view.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { t } from '../../app/text.js';
import { tabs } from '../../part/tabs.js';
import { Deliveries } from './deliveries.js';
import { List } from './list.js';
import { Preferences } from './preferences.js';
import { Webhooks } from './webhooks.js';

const parts = { list: List, preferences: Preferences, webhooks: Webhooks, deliveries: Deliveries };

export default class Notifications extends View {
    part = null;

    get name() { return this.route.params.part ?? 'list'; }

    title() { return t('notifications.title'); }

    async open() {
        const Part = parts[this.name];
        if (!Part)
            throw Object.assign(new Error(t('missing.title')), { status: 404 });
        const [events] = await Promise.all([this.load((signal) => api.get('/notifications/events', {}, { signal })), style('view/notifications.css')]);
        this.part = new Part(this, events);
        await this.part.open();
    }

    /* Other filters of the same part. */
    moved() {
        this.part?.open().catch((error) => this.part.refuse?.(error));
        this.update();
        return true;
    }

    template() {
        return html`<div class="notifications"><div class="head"><h1>${t('notifications.title')}</h1></div>
            ${tabs({ label: t('notifications.title'), current: this.name, items: Object.keys(parts).map((id) => ({ id, label: t(`notifications.tab.${id}`), href: link(id === 'list' ? '/notifications' : `/notifications/${id}`) })) })}
            ${this.part?.template()}</div>`;
    }
}
