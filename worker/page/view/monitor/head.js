/*
 * view/monitor/head.js
 *    What the views of the monitor share.
 *
 *  head(current, aside)       the title and the parts; aside: a template beside the title
 *  isAdmin()                  who is here watches everybody's, else his own
 *  kindWord(kind), queueWord(queue)   in words
 *  lecture(id, name)          a link to a recording
 *  inTrouble(breakers)        those that keep tasks from starting: open, half open, or paused by the platform
 *  why({title, text, action, danger, run})   asks for a reason, then run(reason); a promise of true when it was done
 */
import { html, nothing } from '../../app/html.js';
import { link } from '../../app/router.js';
import { session } from '../../app/session.js';
import { has, t } from '../../app/text.js';
import { dialog } from '../../part/dialog.js';
import { field } from '../../part/field.js';
import { tabs } from '../../part/tabs.js';

export { kindWord } from '../../part/work.js';

const parts = ['now', 'waiting', 'tasks', 'history', 'limits', 'schedule'];
const own = ['now', 'tasks'];

export const isAdmin = () => session.user?.role === 'admin';
export const queueWord = (queue) => has(`monitor.queue.${queue}`) ? t(`monitor.queue.${queue}`) : queue;
export const inTrouble = (breakers) => breakers.filter((one) => one.state !== 'closed' || one.paused_until);
export const partPath = (part) => part === 'now' ? '/monitor' : `/monitor/${part}`;

export const head = (current, aside) => html`
    <div class="head"><h1>${t(current === 'now' ? 'nav.monitor' : `monitor.${current}`)}</h1>${aside ?? nothing}</div>
    ${tabs({ label: t('nav.monitor'), current, items: (isAdmin() ? parts : own).map((part) => ({ id: part, label: t(`monitor.${part}`), href: link(partPath(part)) })) })}`;

export const lecture = (id, name) => id ? html`<a dir="auto" class="lecture-name" href=${link(`/recordings/${id}`)}>${name || t('monitor.recording')}</a>` : html`<span class="quiet">${t('monitor.none')}</span>`;

export async function why({ title, text, action, danger = false, run }) {
    let reason = '';
    return await dialog({
        title,
        body: () => html`<p>${text}</p>${field({ name: 'reason', label: t('monitor.reason'), hint: t('monitor.reason.hint'), required: true, maxlength: 500, autofocus: true, value: reason, input: (value) => { reason = value; } })}`,
        actions: [{ label: t('cancel'), run: () => true, value: false }, { label: action, kind: danger ? 'danger' : 'primary', run: () => run(reason), value: true }],
    }) === true;
}
