/*
 * view/admin/plans.js
 *    Plans: named sets of limits; what is left empty is as the installation says.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { confirm } from '../../part/dialog.js';
import { empty } from '../../part/empty.js';
import { icon } from '../../part/icon.js';
import { toast, toastError } from '../../part/toast.js';
import { AdminView, amount, formDialog, head, quotas, quotaWord } from './head.js';

const limitText = (quota, value) => value === 'unlimited' ? t('admin.unlimited') : amount(quota, value);

export default class Plans extends AdminView {
    title() { return t('admin.plans'); }

    async read() {
        this.plans = (await this.load((signal) => api.get('/admin/plans', { per_page: 100, sort_by: 'name' }, { signal }))).items;
        this.update();
    }

    template() {
        const add = html`<button class="primary" @click=${() => this.#edit(null)}>${icon('add')}${t('admin.plan.add')}</button>`;
        return html`${head('plans', add)}${this.plans.length === 0 ? empty({ title: t('admin.plans.none'), text: t('admin.plans.none.text') }) : html`<div class="workers">${this.plans.map((plan) => this.#plan(plan))}</div>`}`;
    }

    #plan(plan) {
        const limits = quotas.filter((quota) => plan.limits[quota] !== undefined);
        return html`<article class="panel worker"><header><h2 dir="auto">${plan.display_name || plan.name}</h2>${plan.display_name ? html`<code>${plan.name}</code>` : nothing}${plan.is_active ? nothing : badge('off', t('admin.inactive'))}</header>
            ${plan.description ? html`<p class="quiet" dir="auto">${plan.description}</p>` : nothing}
            ${limits.length === 0 ? html`<p class="quiet">${t('admin.plan.default')}</p>` : html`<dl class="facts">${limits.map((quota) => html`<dt>${quotaWord(quota)}</dt><dd>${limitText(quota, plan.limits[quota])}</dd>`)}</dl>`}
            <p><a href=${link('/admin/users', { plan: plan.name })}>${t('admin.subscribers', { n: plan.subscribers })}</a></p>
            <div class="row"><button @click=${() => this.#edit(plan)}>${icon('edit')}${t('admin.edit')}</button>
                <button class="danger" ?disabled=${plan.subscribers > 0} title=${plan.subscribers > 0 ? t('admin.plan.used', { n: plan.subscribers }) : nothing} @click=${() => this.#delete(plan)}>${t('admin.delete')}</button></div></article>`;
    }

    async #edit(plan) {
        if (!await formDialog({
            title: plan ? t('admin.plan.edit', { name: plan.name }) : t('admin.plan.add'), text: t('admin.plan.edit.text'), label: t('admin.save'), wide: true,
            fields: () => [
                ...plan ? [] : [{ name: 'name', label: t('admin.plan.name'), required: true, autofocus: true, hint: t('admin.plan.name.hint') }],
                { name: 'display_name', label: t('admin.plan.shown'), value: plan?.display_name ?? '' }, { name: 'description', type: 'area', rows: 2, label: t('admin.description'), value: plan?.description ?? '' },
                { name: 'is_active', type: 'checkbox', label: t('admin.plan.active'), value: plan?.is_active ?? true },
                ...quotas.map((quota) => ({ name: quota, label: quotaWord(quota), value: plan?.limits[quota] ?? '', placeholder: t('admin.plan.inherit'), wrong: t('admin.limit.rule') })),
            ],
            submit: async (values) => {
                // an empty one is taken out of the plan, or was never in it
                const said = quotas.map((quota) => [quota, String(values[quota]).trim()]).filter(([quota, text]) => text !== '' || plan?.limits[quota] !== undefined);
                const limits = Object.fromEntries(said.map(([quota, text]) => [quota, text === '' ? null : /^\d+$/.test(text) ? Number(text) : text]));
                const rest = { display_name: values.display_name, description: values.description, is_active: values.is_active, limits };
                await (plan ? api.patch(`/admin/plans/${encodeURIComponent(plan.name)}`, rest) : api.post('/admin/plans', { name: values.name.trim(), ...rest }));
            },
        }))
            return;
        await this.read();
        toast(t('admin.saved'), { kind: 'good' });
    }

    async #delete(plan) {
        if (!await confirm({ title: t('admin.plan.delete', { name: plan.name }), text: t('admin.plan.delete.text'), action: t('admin.delete'), danger: true }))
            return;
        try {
            await api.del(`/admin/plans/${encodeURIComponent(plan.name)}`);
            toast(t('admin.plan.deleted', { name: plan.name }), { kind: 'good' });
        }
        catch (error) {
            toastError(error);
        }
        await this.read();
    }
}
