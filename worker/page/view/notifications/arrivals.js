/*
 * view/notifications/arrivals.js
 *    A message that has just come and should not wait: a short note at the edge of the page. What comes together is one note.
 *
 *    arrived(data)     an event `notification`: errors and warnings are noted, good news only counts at the bell
 */
import { api } from '../../app/api.js';
import { go } from '../../app/router.js';
import { t, words } from '../../app/text.js';
import { toast } from '../../part/toast.js';
import { place } from './item.js';

const pause = 400; // ms, in which others belong to it
const waiting = new Set();
let timer = 0;

/* The title says what happened; of the text the next line says why. */
function reasonOf(body) {
    const lines = body.split('\n').map((line) => line.trim()).filter(Boolean);
    return (lines[1] ?? lines[0] ?? '').slice(0, 200);
}

async function note() {
    const ids = [...waiting];
    waiting.clear();
    await words('notifications');
    if (ids.length > 1)
        return toast(t('notifications.arrived', { n: ids.length }), { kind: 'bad', action: { label: t('notifications.look'), run: () => go('/notifications') } });
    const { items } = await api.get('/notifications', { per_page: 20, unread: true });
    const item = items.find((one) => one.id === ids[0]);
    if (!item)
        return null;
    const href = place(item);
    return toast(item.title, { kind: item.severity === 'error' ? 'bad' : 'info', hint: reasonOf(item.body),
        action: { label: t('notifications.look'), run: () => go(href ? href.replace(/^\/app/, '') : '/notifications') } });
}

export function arrived(data) {
    if (data.severity === 'info')
        return;
    waiting.add(data.id);
    clearTimeout(timer);
    timer = setTimeout(() => note().catch(() => {}), pause);
}
