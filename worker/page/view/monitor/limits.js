/*
 * view/monitor/limits.js
 *    Platforms in trouble, and how much may be asked of each.
 */
import { html } from '../../app/html.js';
import { api } from '../../app/api.js';
import { number, span, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { phrase } from '../../part/sentence.js';
import { table } from '../../part/table.js';
import { since } from '../../part/time.js';
import { toast } from '../../part/toast.js';
import { platformWord } from '../../part/work.js';
import { head, inTrouble, why } from './head.js';
import { SystemView } from './system.js';

const look = { open: 'bad', half_open: 'warn' };

export default class Limits extends SystemView {
    title() { return t('monitor.limits'); }

    template() {
        const { limits } = this.state;
        const breakers = inTrouble(this.state.breakers);
        return html`${head('limits')}
            <section class="block" aria-labelledby="breakers"><h2 id="breakers">${t('monitor.breakers')}</h2><p class="quiet">${t('monitor.breakers.text')}</p>
            ${breakers.length === 0 ? html`<p class="panel">${badge('good', t('monitor.breakers.none'))}</p>` : table({
                caption: t('monitor.breakers'), rows: breakers, key: (one) => `${one.platform} ${one.credential}`, columns: [
                    { label: t('monitor.platform'), kind: 'tight', cell: (one) => html`<strong>${platformWord(one.platform)}</strong> ${one.credential ? html`<p class="quiet small">${t('monitor.credential')} ${one.credential}</p>` : ''}` },
                    { label: t('monitor.state'), kind: 'tight', cell: (one) => one.paused_until ? badge('wait', t('monitor.breaker.paused')) : badge(look[one.state], t(`monitor.breaker.${one.state}`)) },
                    { label: t('monitor.failures'), kind: 'number', cell: (one) => number(one.failures) },
                    { label: t('monitor.again'), kind: 'tight', cell: (one) => one.paused_until ?? one.retry_at ? since(one.paused_until ?? one.retry_at) : '–' },
                    { label: t('monitor.waiting.n'), kind: 'number', cell: (one) => number(one.waiting) },
                    { label: t('monitor.message'), kind: 'wide', cell: (one) => html`<span class="small message">${phrase(one.message)}</span>` },
                    { label: '', kind: 'actions', cell: (one) => html`<button @click=${() => this.#close(one)}>${t('monitor.breaker.close')}</button>` },
                ],
            })}</section>
            <section class="block" aria-labelledby="limits"><h2 id="limits">${t('monitor.limits')}</h2><p class="quiet">${t('monitor.limits.text')}</p>
            ${limits.length === 0 ? html`<p class="panel quiet">${t('monitor.limits.none')}</p>` : table({
                caption: t('monitor.limits'), rows: limits, key: (one) => [one.platform, one.scope, one.of, one.per_seconds].join(' '), columns: [
                    { label: t('monitor.platform'), kind: 'tight', cell: (one) => html`<strong>${platformWord(one.platform)}</strong>` },
                    { label: t('monitor.scope'), kind: 'wide', cell: (one) => html`${t(`monitor.scope.${one.scope}`)} <span class="quiet">${one.of ?? ''}</span>` },
                    { label: t('monitor.limit'), kind: 'tight', cell: (one) => t('monitor.limit.per', { n: one.limit, per: span(one.per_seconds) }) },
                    { label: t('monitor.burst'), kind: 'number', cell: (one) => number(one.burst) },
                    { label: t('monitor.state'), kind: 'tight', cell: (one) => one.empty ? badge('warn', t('monitor.limit.empty')) : badge('good', t('monitor.limit.free')) },
                    { label: t('monitor.waiting.n'), kind: 'number', cell: (one) => number(one.waiting) },
                ],
            })}</section>`;
    }

    #close(breaker) {
        return why({
            title: t('monitor.breaker.close.title', { name: platformWord(breaker.platform) }), text: t('monitor.breaker.close.text'), action: t('monitor.breaker.close'),
            run: async (reason) => {
                const { released } = await api.post(`/admin/breakers/${encodeURIComponent(breaker.platform)}/close`, { credential: breaker.credential, reason });
                toast(t('monitor.breaker.closed', { n: released }), { kind: 'good' });
                await this.read();
            },
        });
    }
}
