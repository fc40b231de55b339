/*
 * view/recordings/exporting.js
 *    exportDialog({ids, filters, total}): recordings as a file, those that are selected or all that match; a promise.
 */
import { html, nothing } from '../../app/html.js';
import { api, read } from '../../app/api.js';
import { t } from '../../app/text.js';
import { dialog } from '../../part/dialog.js';
import { field } from '../../part/field.js';

const most = 2000;

function save(blob, name) {
    const anchor = document.createElement('a');
    anchor.href = URL.createObjectURL(blob);
    anchor.download = name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 60_000);
}

async function take(body) {
    const response = await api.raw('POST', '/recordings/export', { body, fields: { Accept: '*/*' } });
    if (!response.ok)
        return read(response);
    save(await response.blob(), `recordings.${body.format}`);
    return true;
}

export function exportDialog({ ids, filters }) {
    const said = { scope: ids.length > 0 ? 'chosen' : 'all', verbosity: 'short', format: 'csv' };
    return dialog({
        title: t('list.export.title'),
        body: ({ update }) => {
            const choice = (name, options) => field({ name, id: `export-${name}`, label: t(`list.export.${name}`), type: 'select', value: said[name],
                options: options.map((value) => ({ value, label: t(`list.export.${value}`, { n: ids.length }) })), input: (value) => { said[name] = value; update(); } });
            return html`${ids.length > 0 ? choice('scope', ['chosen', 'all']) : nothing}${choice('verbosity', ['short', 'long'])}${choice('format', ['csv', 'json'])}
                <p class="quiet small">${said.scope === 'all' ? t('list.export.most', { n: most }) : nothing} ${t('list.export.audit')}</p>`;
        },
        actions: [{ label: t('list.export.go'), kind: 'primary', run: () => take({ format: said.format, verbosity: said.verbosity, limit: most,
            ...said.scope === 'chosen' ? { recording_ids: ids.slice(0, most) } : { filters } }) }],
    });
}
