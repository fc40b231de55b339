/*
 * view/admin/users.js
 *    Who has an account: found by address or name, filtered, added.
 */
import { html } from '../../app/html.js';
import { api } from '../../app/api.js';
import { go, link, query } from '../../app/router.js';
import { number, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { empty } from '../../part/empty.js';
import { filters } from '../../part/filters.js';
import { icon } from '../../part/icon.js';
import { pager } from '../../part/pager.js';
import { problem } from '../../part/problem.js';
import { table } from '../../part/table.js';
import { since } from '../../part/time.js';
import { toast } from '../../part/toast.js';
import { AdminView, formDialog, head, quotaWord } from './head.js';

const page = 50;

export default class Users extends AdminView {
    plans = [];
    list = { items: [], next: null };
    refusal = null;

    title() { return t('admin.users'); }

    moved() {
        this.read();
        return true;
    }

    async read() {
        const wanted = this.route;
        const { search, role, active, plan, exceeded, after } = wanted.query;
        try {
            const [list, plans] = await this.load((signal) => Promise.all([
                api.get('/admin/users', { search: search?.trim(), role, is_active: active, plan, exceeded_only: exceeded, per_page: page, after }, { signal }),
                this.plans.length ? { items: this.plans } : api.get('/admin/plans', { per_page: 100 }, { signal })]));
            if (wanted === this.route)
                Object.assign(this, { list, plans: plans.items, refusal: null });
        }
        catch (error) {
            if (error.name === 'AbortError')
                return;
            this.refusal = error;
        }
        this.update();
    }

    #fields() {
        const any = { value: '', label: t('admin.any') };
        return [
            { name: 'search', type: 'search', label: t('admin.search'), placeholder: t('admin.search.hint') },
            { name: 'role', type: 'select', label: t('admin.role'), options: [any, ...['user', 'admin'].map((role) => ({ value: role, label: t(`admin.role.${role}`) }))] },
            { name: 'active', type: 'select', label: t('admin.state'), options: [any, { value: 'true', label: t('admin.active') }, { value: 'false', label: t('admin.inactive') }] },
            { name: 'plan', type: 'select', label: t('admin.plan'), options: [any, { value: 'none', label: t('admin.plan.none') }, ...this.plans.map((plan) => ({ value: plan.name, label: plan.display_name || plan.name }))] },
            { name: 'exceeded', type: 'checkbox', label: t('admin.exceeded') },
        ];
    }

    template() {
        const { list } = this;
        return html`${head('users', html`<button class="primary" @click=${() => this.#add()}>${icon('add')}${t('admin.user.add')}</button>`)}
            ${filters({ view: this, fields: this.#fields(), search: 'search' })}${problem(this.refusal)}
            ${list.items.length === 0 ? empty({ title: t('admin.users.none') }) : table({
                caption: t('admin.users'), rows: list.items, columns: [
                    { label: t('admin.email'), kind: 'wide', cell: (user) => html`<div data-row><a href=${link(`/admin/users/${user.id}`)}>${user.email}</a><p class="quiet small" dir="auto">${user.full_name ?? ''}</p></div>` },
                    { label: t('admin.role'), kind: 'tight', cell: (user) => t(`admin.role.${user.role}`) },
                    { label: t('admin.state'), cell: (user) => user.is_active ? user.is_verified ? badge('good', t('admin.active')) : badge('wait', t('admin.unverified')) : badge('off', t('admin.inactive')) },
                    { label: t('admin.plan'), kind: 'tight', cell: (user) => user.plan === 'none' ? '–' : user.plan },
                    { label: t('nav.recordings'), kind: 'number', cell: (user) => number(user.recordings) },
                    { label: t('admin.exceeded'), cell: (user) => user.exceeded.length ? badge('warn', user.exceeded.map(quotaWord).join(', ')) : '–' },
                    { label: t('admin.last'), kind: 'tight', cell: (user) => user.last_login_at ? since(user.last_login_at) : '–' },
                ],
            })}${pager({ previous: query().after ? link('/admin/users', { ...query(), after: null }) : null, next: list.next ? link('/admin/users', { ...query(), after: list.next }) : null })}`;
    }

    async #add() {
        let made = null;
        if (await formDialog({
            title: t('admin.user.add'), label: t('admin.user.add'), text: t('admin.user.add.text'),
            fields: () => [
                { name: 'email', type: 'email', label: t('admin.email'), required: true, autofocus: true }, { name: 'full_name', label: t('admin.name') },
                { name: 'role', type: 'select', label: t('admin.role'), value: 'user', options: ['user', 'admin'].map((role) => ({ value: role, label: t(`admin.role.${role}`) })) },
                { name: 'plan', type: 'select', label: t('admin.plan'), options: [{ value: '', label: t('admin.plan.none') }, ...this.plans.filter((plan) => plan.is_active).map((plan) => ({ value: plan.name, label: plan.display_name || plan.name }))] },
                { name: 'password', type: 'password', label: t('admin.password'), hint: t('admin.password.hint'), wrong: t('password.rule'), autocomplete: 'new-password' },
            ],
            submit: async ({ email, full_name, role, plan, password }) => {
                made = await api.post('/admin/users', { email, role, full_name: full_name || null, plan: plan || null, password: password || null });
            },
        })) {
            toast(t('admin.user.added', { name: made.email }), { kind: 'good' });
            go(`/admin/users/${made.id}`);
        }
    }
}
