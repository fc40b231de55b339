/*
 * view/account/account.js
 *    The caller's account, in parts with addresses of their own.
 */
import { html } from '../../app/html.js';
import { View, style } from '../../app/view.js';
import { link } from '../../app/router.js';
import { t } from '../../app/text.js';
import { tabs } from '../../part/tabs.js';

const parts = {
    profile: () => import('./profile.js'),
    security: () => import('./security.js'),
    keys: () => import('./keys.js'),
    usage: () => import('./usage.js'),
    settings: () => import('./settings.js'),
    retention: () => import('./retention.js'),
    activity: () => import('./activity.js'),
};

export default class Account extends View {
    part = null;

    get name() { return this.route.params.part ?? 'profile'; }

    title() { return t('account.title'); }

    async open() {
        if (!Object.hasOwn(parts, this.name))
            throw Object.assign(new Error(t('missing.title')), { status: 404 });
        const [{ Part }] = await Promise.all([parts[this.name](), style('view/account.css')]);
        this.part = new Part(this);
        await this.part.open();
    }

    template() {
        return html`<div class="account"><div class="head"><h1>${t('account.title')}</h1></div>
            ${tabs({ label: t('account.title'), current: this.name, items: Object.keys(parts).map((id) => ({ id, label: t(`account.tab.${id}`), href: link(id === 'profile' ? '/account' : `/account/${id}`) })) })}
            <div class="stack">${this.part?.template()}</div></div>`;
    }
}
