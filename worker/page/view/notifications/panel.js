/*
 * view/notifications/panel.js
 *    What the bell opens: the newest messages, and the way to all of them.
 *
 *    fill(popover)     reads and draws; again whenever it opens
 */
import { html, nothing, render, repeat } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { t, words } from '../../app/text.js';
import { style } from '../../app/view.js';
import { empty, skeleton } from '../../part/empty.js';
import { problem } from '../../part/problem.js';
import { toastError } from '../../part/toast.js';
import { markRead, message } from './item.js';

const shown = 8;

export async function fill(popover) {
    let items = null;
    let error = null;
    const close = () => popover.hidePopover();

    async function read(those) {
        const marked = those ?? items.filter((item) => !item.read_at);
        const before = marked.map((item) => item.read_at);
        marked.forEach((item) => { item.read_at = new Date().toISOString(); });
        draw();
        try {
            await markRead(those);
        }
        catch (refusal) {
            marked.forEach((item, i) => { item.read_at = before[i]; });
            toastError(refusal);
            draw();
        }
    }

    const body = () => error ? problem(error) : !items ? skeleton(3) : items.length === 0 ? empty({ title: t('notifications.none'), text: t('notifications.none.text') })
        : html`<div class="messages">${repeat(items, (item) => item.id, (item) => message(item, { read: (one) => read([one]), close }))}</div>`;
    const draw = () => render(html`<div class="row bell-head"><strong class="grow">${t('notifications.title')}</strong>
            ${items?.some((item) => !item.read_at) ? html`<button type="button" class="plain" @click=${() => read(null)}>${t('notifications.mark.all')}</button>` : nothing}</div>
        ${body()}<p class="row bell-end"><a class="button" href=${link('/notifications')} @click=${close}>${t('notifications.all')}</a><a class="button plain" href=${link('/notifications/preferences')} @click=${close}>${t('notifications.tab.preferences')}</a></p>`, popover);

    await Promise.all([words('notifications'), style('view/notifications.css')]);
    draw();
    try {
        ({ items } = await api.get('/notifications', { per_page: shown }));
    }
    catch (refusal) {
        error = refusal;
    }
    draw();
}
