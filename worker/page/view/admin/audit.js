/*
 * view/admin/audit.js
 *    The audit log: filtered by address of the page, exported, and its seals verified.
 */
import { html, nothing } from '../../app/html.js';
import { api, read } from '../../app/api.js';
import { link, query } from '../../app/router.js';
import { date, t, words } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { empty } from '../../part/empty.js';
import { filters } from '../../part/filters.js';
import { icon } from '../../part/icon.js';
import { menu } from '../../part/menu.js';
import { pager } from '../../part/pager.js';
import { problem } from '../../part/problem.js';
import { actionWord, thingWord } from '../../part/server.js';
import { toastError } from '../../part/toast.js';
import { AdminView, formDialog, head } from './head.js';

const page = 50;
const results = ['success', 'failure', 'partial'];
const kinds = { success: 'good', failure: 'bad', partial: 'warn' };

export default class Audit extends AdminView {
    list = { items: [], next: null };
    refusal = null;
    proof = null;

    title() { return t('admin.audit'); }

    async open() {
        await Promise.all([words('server'), super.open()]);
    }

    moved() {
        this.read();
        return true;
    }

    #filters() {
        const { user, action, type, id, result, address, from, to } = query();
        return { user, action, type, id, result, address, from, to };
    }

    async read() {
        const wanted = this.route;
        const { user, action, type, id, result, address, from, to } = this.#filters();
        try {
            const list = await this.load((signal) => api.get('/admin/audit', { user_id: user?.trim(), action: action?.trim(), resource_type: type?.trim(), resource_id: id?.trim(), result, address: address?.trim(), from_date: from, to_date: to, per_page: page, after: wanted.query.after }, { signal }));
            if (wanted === this.route)
                Object.assign(this, { list, refusal: null });
        }
        catch (error) {
            if (error.name === 'AbortError')
                return;
            this.refusal = error;
        }
        this.update();
    }

    #fields() {
        return [
            { name: 'user', type: 'search', label: t('admin.audit.who'), placeholder: t('admin.email') }, { name: 'action', type: 'search', label: t('admin.audit.action'), placeholder: 'cancel' },
            { name: 'type', type: 'search', label: t('admin.audit.type'), placeholder: 'recording' }, { name: 'id', type: 'search', label: t('admin.audit.id') },
            { name: 'result', type: 'select', label: t('admin.audit.result'), options: [{ value: '', label: t('admin.any') }, ...results.map((value) => ({ value, label: t(`admin.result.${value}`) }))] },
            { name: 'address', type: 'search', label: t('admin.audit.address') }, { name: 'from', type: 'date', label: t('admin.from') }, { name: 'to', type: 'date', label: t('admin.to') },
        ];
    }

    template() {
        const { list } = this;
        return html`${head('audit', html`<button @click=${() => this.#verify()}>${icon('lock')}${t('admin.audit.verify')}</button>
                ${menu({ id: 'audit-export', label: t('admin.export'), text: t('admin.export'), icon: 'download', kind: '', items: ['csv', 'json'].map((format) => ({ label: format.toUpperCase(), run: () => this.#export(format) })) })}`)}
            ${this.#proof()}${filters({ view: this, fields: this.#fields(), search: 'user' })}${problem(this.refusal)}
            ${list.items.length === 0 ? empty({ title: t('admin.audit.none') }) : html`<ol class="log panel">${list.items.map((one) => this.#entry(one))}</ol>`}
            ${pager({ previous: query().after ? link('/admin/audit', { ...query(), after: null }) : null, next: list.next ? link('/admin/audit', { ...query(), after: list.next }) : null })}`;
    }

    #entry(one) {
        const more = ['before', 'after', 'details'].filter((name) => one[name]);
        return html`<li data-row><details><summary><span class="quiet small">${date(one.timestamp)}</span> <strong title=${one.action}>${actionWord(one.action)}</strong> <span title=${one.resource_type ?? ''}>${thingWord(one.resource_type)}</span> ${one.resource_name ? html`<bdi>${one.resource_name}</bdi> ` : nothing}${one.result === 'success' ? nothing : badge(kinds[one.result], t(`admin.result.${one.result}`))}
            <span>${one.user ?? one.who ?? ''}</span> ${one.why ? html`<q dir="auto">${one.why}</q>` : nothing}</summary>
            <dl class="facts">${one.resource_id ? html`<dt>${t('admin.audit.id')}</dt><dd>${one.resource_type === 'recording' ? html`<a href=${link(`/recordings/${one.resource_id}`)}>${one.resource_id}</a>` : one.resource_id}</dd>` : nothing}
                ${one.ip_address ? html`<dt>${t('admin.audit.address')}</dt><dd>${one.ip_address}</dd>` : nothing}${one.user_agent ? html`<dt>${t('admin.audit.agent')}</dt><dd dir="auto">${one.user_agent}</dd>` : nothing}
                ${more.map((name) => html`<dt>${t(`admin.audit.${name}`)}</dt><dd><pre class="small wrap" dir="auto">${JSON.stringify(one[name], null, 2)}</pre></dd>`)}</dl></details></li>`;
    }

    #proof() {
        const { proof } = this;
        if (!proof)
            return nothing;
        return html`<div class="panel proof" role="status"><p>${proof.ok ? badge('good', t('admin.proof.ok')) : badge('bad', t('admin.proof.broken'))}
            ${t('admin.proof.counts', { seals: proof.seals, entries: proof.entries, unsealed: proof.unsealed })}</p>
            ${proof.broken ? html`<p lang="en">${proof.broken.reason}</p>` : nothing}${proof.head ? html`<p class="small">${t('admin.proof.head')} <code class="wrap">${proof.head}</code></p>` : nothing}</div>`;
    }

    #verify() {
        return formDialog({
            title: t('admin.audit.verify'), text: t('admin.audit.verify.text'), label: t('admin.audit.verify'),
            fields: () => [{ name: 'head', label: t('admin.audit.head'), mono: true, hint: t('admin.audit.head.hint') }],
            submit: async ({ head: kept }) => {
                this.proof = await api.get('/admin/audit/verify', { head: kept.trim() });
                this.update();
            },
        });
    }

    async #export(format) {
        const { user, action, type, id, result, address, from, to } = this.#filters();
        const chosen = Object.fromEntries(Object.entries({ user, action, resource_type: type, resource_id: id, result, address, from, to }).filter(([, value]) => value));
        try {
            const answer = await api.raw('POST', '/admin/audit/export', { body: { filters: chosen, format } });
            if (!answer.ok)
                await read(answer);
            const url = URL.createObjectURL(await answer.blob());
            Object.assign(document.createElement('a'), { href: url, download: `audit.${format}` }).click();
            setTimeout(() => URL.revokeObjectURL(url), 60_000);
        }
        catch (error) {
            toastError(error);
        }
    }
}
