/*
 * view/templates/from.js
 *    fromRecording({id, name}): asks for a recording, unless one is named, and makes a template of its settings.
 */
import { html } from '../../app/html.js';
import { api, key } from '../../app/api.js';
import { go } from '../../app/router.js';
import { t } from '../../app/text.js';
import { dialog } from '../../part/dialog.js';
import { field } from '../../part/field.js';
import { toast, toastError } from '../../part/toast.js';

export async function fromRecording({ id = '', name = '' } = {}) {
    const said = { id, name, match_pattern: '', match_source_id: false };
    let recordings = [];
    try {
        recordings = id ? [] : (await api.get('/recordings', { per_page: 100 })).items;
    }
    catch (error) {
        toastError(error);
        return;
    }
    said.id ||= recordings[0]?.id ?? '';
    const put = (name_) => (value) => { said[name_] = value; };
    await dialog({
        title: t('templates.from'),
        body: () => html`<p class="quiet">${t('templates.from.text')}</p>
            ${id ? '' : field({ id: 'from-recording', name: 'recording', type: 'select', label: t('templates.from.recording'), required: true, value: said.id, options: recordings.map((one) => ({ value: one.id, label: one.display_name })), input: put('id') })}
            ${field({ id: 'from-name', name: 'name', label: t('rules.name'), required: true, maxlength: 255, value: said.name, input: put('name') })}
            ${field({ id: 'from-pattern', name: 'match_pattern', label: t('templates.from.pattern'), hint: t('templates.from.pattern.hint'), mono: true, value: said.match_pattern, input: put('match_pattern') })}
            ${field({ id: 'from-source', name: 'match_source_id', type: 'checkbox', label: t('templates.from.source'), value: said.match_source_id, input: put('match_source_id') })}`,
        actions: [{ label: t('cancel') }, {
            label: t('templates.create'), kind: 'primary',
            run: async () => {
                const body = { name: said.name, match_source_id: said.match_source_id, ...(said.match_pattern ? { match_pattern: said.match_pattern } : {}) };
                const made = await api.post(`/templates/from-recording/${said.id}`, body, { key: key() });
                toast(t('rules.saved'), { kind: 'good' });
                go(`/templates/${made.id}`);
            },
        }],
    });
}
