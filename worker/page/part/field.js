/*
 * part/field.js
 *    field({…}): a labelled control. name, label, value, and of these what is needed:
 *    type ('text', 'password', 'email', 'number', 'url', 'search', 'date', 'datetime-local', 'checkbox', 'select', 'area', 'list' for a
 *    text with suggestions); options [{value, label, disabled}] or ['a']; hint; error (shown and announced);
 *    required, disabled, min, max, step, pattern, placeholder, autocomplete, autofocus, rows, maxlength, mono;
 *    input(value, event) on each change. Values: a boolean of a checkbox, else a text.
 *    formValues(form): {name: value} of a <form>, checkboxes as booleans, numbers as numbers.
 */
import { html, nothing, live, ifDefined } from '../app/html.js';
import { icon } from './icon.js';

const known = (options) => (options ?? []).map((option) => typeof option === 'object' ? option : { value: option, label: option });

function control(one, id, described, change) {
    const error = one.error ? 'true' : nothing;
    if (one.type === 'select')
        return html`<select id=${id} name=${one.name} ?required=${one.required} ?disabled=${one.disabled} ?autofocus=${one.autofocus}
            aria-invalid=${error} aria-describedby=${described} @change=${change}>${known(one.options).map((option) => html`
            <option value=${option.value} ?disabled=${option.disabled} .selected=${live(String(option.value) === String(one.value ?? ''))}>${option.label}</option>`)}</select>`;
    if (one.type === 'area')
        return html`<textarea id=${id} name=${one.name} class=${one.mono ? 'mono' : ''} rows=${one.rows ?? 4} ?required=${one.required} ?disabled=${one.disabled} ?autofocus=${one.autofocus}
            maxlength=${ifDefined(one.maxlength)} placeholder=${ifDefined(one.placeholder)} aria-invalid=${error} aria-describedby=${described}
            .value=${live(String(one.value ?? ''))} @input=${change}></textarea>`;
    return html`<input id=${id} name=${one.name} type=${one.type === 'list' ? 'text' : one.type ?? 'text'} class=${one.mono ? 'mono' : ''} ?required=${one.required} ?disabled=${one.disabled}
        ?autofocus=${one.autofocus} min=${ifDefined(one.min)} max=${ifDefined(one.max)} step=${ifDefined(one.step)} pattern=${ifDefined(one.pattern)} maxlength=${ifDefined(one.maxlength)}
        placeholder=${ifDefined(one.placeholder)} autocomplete=${one.autocomplete ?? 'off'} list=${one.type === 'list' ? `${id}-list` : nothing}
        aria-invalid=${error} aria-describedby=${described} .value=${live(String(one.value ?? ''))} @input=${change}>
        ${one.type === 'list' ? html`<datalist id="${id}-list">${known(one.options).map((option) => html`<option value=${option.value}>${option.label}</option>`)}</datalist>` : nothing}`;
}

export function field(one) {
    const id = one.id ?? `field-${one.name}`;
    const described = [one.hint && `${id}-hint`, one.error && `${id}-error`].filter(Boolean).join(' ') || nothing;
    const below = html`
        ${one.hint ? html`<p class="field-hint" id="${id}-hint">${one.hint}</p>` : nothing}
        ${one.error ? html`<p class="field-error" id="${id}-error">${icon('error')}<span>${one.error}</span></p>` : nothing}`;
    if (one.type === 'checkbox')
        return html`<div class="field check"><label><input id=${id} name=${one.name} type="checkbox" ?disabled=${one.disabled} aria-describedby=${described}
            .checked=${live(Boolean(one.value))} @change=${(event) => one.input?.(event.target.checked, event)}><span>${one.label}</span></label>${below}</div>`;
    return html`<div class="field"><label for=${id}>${one.label}${one.required ? html`<span class="required" aria-hidden="true"> *</span>` : nothing}</label>
        ${control(one, id, described, (event) => one.input?.(event.target.value, event))}${below}</div>`;
}

export function formValues(form) {
    const values = {};
    for (const element of form.elements) {
        if (!element.name || element.disabled)
            continue;
        if (element.type === 'checkbox')
            values[element.name] = element.checked;
        else if (element.type === 'number')
            values[element.name] = element.value === '' ? null : element.valueAsNumber;
        else if (element.type !== 'radio' || element.checked)
            values[element.name] = element.value;
    }
    return values;
}
