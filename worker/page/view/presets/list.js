/*
 * view/presets/list.js
 *    Presets: settings for publishing to one platform.
 */
import { html } from '../../app/html.js';
import { api } from '../../app/api.js';
import { t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { since } from '../../part/time.js';
import { platformName } from '../rules/parts.js';
import { Things } from '../rules/things.js';

export default class Presets extends Things {
    kind = { path: '/presets', word: 'presets', texts: 'presets.' };
    platforms = [];

    async prepare() {
        this.platforms = (await this.load((signal) => api.get('/references/platforms', {}, { signal }))).map((one) => one.platform);
    }

    fields() {
        return [{ name: 'platform', label: t('rules.platform'), type: 'select', options: [{ value: '', label: t('rules.all') }, ...this.platforms.map((value) => ({ value, label: platformName(value) }))] }];
    }

    columns() {
        return [
            { label: t('rules.platform'), kind: 'tight', cell: (row) => platformName(row.platform) },
            { label: t('rules.state'), kind: 'tight', cell: (row) => row.is_active ? badge('good', t('rules.active')) : badge('off', t('rules.off')) },
            { label: t('rules.updated'), kind: 'tight', cell: (row) => html`${since(row.updated_at)}` },
        ];
    }
}
