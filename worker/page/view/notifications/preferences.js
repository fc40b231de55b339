/*
 * view/notifications/preferences.js
 *    Which event is told by which channel: a table of switches, each saved at once.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { has, t } from '../../app/text.js';

const channels = ['in_app', 'email', 'webhook'];

export class Preferences {
    rows = [];

    constructor(view) {
        this.view = view;
    }

    async open() {
        const list = await this.view.load((signal) => api.get('/notifications/preferences', {}, { signal }));
        const events = new Map();
        for (const one of list)
            events.set(one.event, { ...events.get(one.event), event: one.event, description: one.description, [one.channel]: one });
        this.rows = [...events.values()];
    }

    async set(row, channel, enabled) {
        const before = row[channel];
        const answer = await api.optimistic({
            apply: () => this.#put(row, channel, { ...before, enabled, is_default: false }),
            undo: () => this.#put(row, channel, before),
            call: () => api.put(`/notifications/preferences/${row.event}/${channel}`, { enabled }),
        });
        if (answer)
            this.#put(row, channel, answer);
    }

    #put(row, channel, value) {
        row[channel] = value;
        this.view.update();
    }

    #cell(row, channel, name) {
        const { enabled, is_default: standard } = row[channel];
        return html`<td class="preference"><label><input type="checkbox" .checked=${enabled} aria-label=${`${name}: ${t(`channel.${channel}`)}`} @change=${(event) => this.set(row, channel, event.target.checked)}>
            <span class="small-screen">${t(`channel.${channel}`)}</span></label>
            ${standard ? nothing : html`<button type="button" class="plain small" @click=${() => this.set(row, channel, null)}>${t('preferences.default')}</button>`}</td>`;
    }

    template() {
        return html`<p class="quiet lead">${t('preferences.lead')}</p>
            <div class="table-frame"><table class="table preferences"><caption class="hidden">${t('notifications.tab.preferences')}</caption>
                <thead><tr><th scope="col">${t('notifications.event')}</th>${channels.map((channel) => html`<th scope="col">${t(`channel.${channel}`)}</th>`)}</tr></thead>
                <tbody>${this.rows.map((row) => {
                    const name = has(`event.${row.event}`) ? t(`event.${row.event}`) : row.event;
                    return html`<tr><th scope="row">${name}${has(`event.${row.event}.text`) ? html`<span class="quiet">${t(`event.${row.event}.text`)}</span>` : html`<span class="quiet" lang="en">${row.description}</span>`}</th>
                        ${channels.map((channel) => this.#cell(row, channel, name))}</tr>`;
                })}</tbody></table></div>`;
    }
}
