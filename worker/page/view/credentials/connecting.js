/*
 * view/credentials/connecting.js
 *    connect({platforms, platform, name}): asks which account it is to be and leads to the page of the platform,
 *    which sends people back to view/credentials/connect.js.
 */
import { html } from '../../app/html.js';
import { api, key } from '../../app/api.js';
import { t } from '../../app/text.js';
import { dialog } from '../../part/dialog.js';
import { field } from '../../part/field.js';
import { platformName } from '../rules/parts.js';

export function connect({ platforms, platform = platforms[0], name = '' }) {
    const said = { platform, name };
    return dialog({
        title: t('credentials.connect'),
        body: ({ update }) => html`<p class="quiet">${t('credentials.connect.text')}</p>
            ${field({ id: 'connect-platform', name: 'platform', type: 'select', label: t('rules.platform'), value: said.platform, options: platforms.map((value) => ({ value, label: platformName(value) })), input: (value) => { said.platform = value; update(); } })}
            ${field({ id: 'connect-name', name: 'account_name', label: t('credentials.name'), hint: t('credentials.name.hint'), value: said.name, required: true, autofocus: true, input: (value) => { said.name = value; } })}`,
        actions: [{ label: t('cancel') }, {
            label: t('credentials.connect.go'), kind: 'primary',
            run: async () => {
                const { authorization_url: url } = await api.post(`/oauth/${said.platform}/authorize`, { account_name: said.name }, { key: key() });
                location.assign(url);
                return false;
            },
        }],
    });
}
