/*
 * part/config.js
 *    A form for configurations, made of the server's own rules (GET /config/rules).
 *
 *  const form = new ConfigForm({ rules, show, open, changed, names })
 *      rules: [{path, type, low, high, allowed}]; show(path): whether a path has a field (default: all); open(path): whether
 *      a folder is open at first (those in which something is said are); changed(): is called when something was typed;
 *      names: {path: [{value, label}]} of lists of ids, which are chosen by their names
 *  form.set({ own, inherited, origins })
 *      own: what this layer says; inherited: what holds without it; origins {path: layer}: where that is from
 *  form.template(update)        the fields; update() renders the view anew
 *  form.changes()               what was changed, nested, null for what is taken back; null: nothing
 *  form.refuse(error)           shows the server's refusal at the fields that it names; whether there is one
 *  namesOf(presets)             names for the lists of presets' ids
 *  laid(own, changes)           an object with such changes laid over it
 * A field that is left empty says nothing: what is inherited holds, and is shown in its place.
 */
import { html, live, nothing } from '../app/html.js';
import { has, t } from '../app/text.js';
import { sentences } from './said.js';
import { phrase } from './sentence.js';

export const namesOf = (presets) => ({ 'output.preset_ids': presets.map(({ id, name }) => ({ value: id, label: name })) });

export const valueAt = (tree, path) => path.split('.').reduce((part, name) => part?.[name], tree);

function put(tree, path, value) {
    const names = path.split('.');
    const last = names.pop();
    let part = tree;
    for (const name of names)
        part = part[name] ??= {};
    part[last] = value;
}

/* An object with changes laid over it: null takes away, and so go objects that have nothing left. */
export function laid(own, changes) {
    const sum = { ...own };
    for (const [name, value] of Object.entries(changes)) {
        const inner = value !== null && typeof value === 'object' && !Array.isArray(value);
        sum[name] = inner ? laid(sum[name] ?? {}, value) : value;
        if (sum[name] === null || (inner && Object.keys(sum[name]).length === 0))
            delete sum[name];
    }
    return sum;
}

/* "copy", "exact" or "reencode" */
function choicesOf(rule) {
    return rule.type === 'string' && /^"[^"]+"(?:(?:,| or) "[^"]+")+$/.test(rule.allowed) ? rule.allowed.match(/"[^"]+"/g).map((word) => word.slice(1, -1)) : null;
}

/* Lists of services in the order in which they are asked, and the one target that has no preset. */
const special = { 'transcription.provider': 'services', 'transcription.outline_provider': 'services', 'output.targets': 'library' };

function kindOf(rule, names) {
    if (choicesOf(rule))
        return 'choice';
    if (rule.allowed.startsWith('0 (all)'))
        return 'level';
    if (special[rule.path] ?? names[rule.path])
        return special[rule.path] ?? 'set';
    if (rule.type === 'array')
        return 'lines';
    return { boolean: 'boolean', number: 'number', integer: 'number', number_or_false: 'number', integer_or_false: 'number', template: 'text', title: 'line', string: 'line', json: 'json' }[rule.type] ?? null;
}

const shownText = (value) => {
    if (value === undefined || value === null)
        return '';
    if (typeof value === 'boolean')
        return t(value ? 'config.yes' : 'config.no');
    if (Array.isArray(value) && value.every((one) => typeof one !== 'object'))
        return value.map((one) => has(`config.choice.${one}`) ? t(`config.choice.${one}`) : one).join(', ');
    return typeof value === 'string' ? value : JSON.stringify(value);
};

/* What is typed, for each kind: from a value, and back (undefined: nothing is said). Both may throw. */
const kinds = {
    set: { text: (value) => value.join('\n'), value: (text) => text.split('\n').filter(Boolean) },
    library: { text: (value) => String(value.length > 0), value: (text) => text === 'true' ? [{ type: 'LIBRARY' }] : [] },
    services: {
        text: (value) => [value].flat().map((one) => typeof one === 'string' ? one : one.attempts > 1 ? `${one.name} × ${one.attempts}` : one.name).join('\n'),
        value(text) {
            const all = text.split('\n').map((line) => /^\s*(.*?)(?:\s*[×x*]\s*(\d+))?\s*$/.exec(line)).filter(([, name]) => name)
                .map(([, name, attempts]) => attempts ? { name, attempts: Number(attempts) } : name);
            return all.length === 1 && typeof all[0] === 'string' ? all[0] : all;
        },
    },
    boolean: { text: (value) => String(value), value: (text) => text === 'true' },
    level: { text: String, value: Number },
    choice: { text: (value) => value, value: (text) => text },
    line: { text: (value) => value, value: (text) => text.trim() },
    text: { text: (value) => value, value: (text) => text },
    lines: { text: (value) => value.join('\n'), value: (text) => text.split('\n').map((line) => line.trim()).filter(Boolean) },
    number: { text: (value) => value === false ? 'false' : String(value), value: (text) => text.trim() === 'false' ? false : Number(text.trim().replace(',', '.')) },
    json: { text: (value) => typeof value === 'string' ? value : JSON.stringify(value), value: (text) => { try { return JSON.parse(text); } catch { return text.trim(); } } },
};

export class ConfigForm {
    #rules;
    #state = { own: {}, inherited: {}, origins: {} };
    #typed = new Map(); // path: text; '' takes back
    #errors = new Map(); // path: {message, hint}
    #open;
    #changed;
    #names;

    constructor({ rules, show = () => true, open = () => false, changed = () => {}, names = {} }) {
        this.#names = names;
        this.#open = open;
        this.#changed = changed;
        this.#rules = rules.filter((rule) => rule.type !== 'object' && kindOf(rule, names) && show(rule.path)).map((rule) => ({ ...rule, kind: kindOf(rule, names), choices: kindOf(rule, names) === 'level' ? ['0', '1', '2', '3'] : choicesOf(rule) }));
    }

    set(state) {
        this.#state = { ...this.#state, ...state };
        this.#typed.clear();
        this.#errors.clear();
    }

    #own(path) {
        const value = valueAt(this.#state.own, path);
        return value === null ? undefined : value;
    }

    #text(rule) {
        const own = this.#own(rule.path);
        return this.#typed.get(rule.path) ?? (own === undefined ? '' : kinds[rule.kind].text(own));
    }

    changes() {
        const changes = {};
        let changed = false;
        for (const [path, text] of this.#typed) {
            const rule = this.#rules.find((one) => one.path === path);
            const value = text.trim() === '' ? null : kinds[rule.kind].value(text);
            if (JSON.stringify(value) === JSON.stringify(this.#own(path) ?? null))
                continue;
            put(changes, path, Number.isNaN(value) ? text : value);
            changed = true;
        }
        return changed ? changes : null;
    }

    /* One refusal may name several, each with its rule in the hint. */
    refuse(error) {
        const paths = this.#rules.map((rule) => rule.path).sort((a, b) => b.length - a.length);
        const naming = (text) => paths.find((path) => new RegExp(`(^|[^\\w.]|config\\.)${path.replaceAll('.', '\\.')}($|[^\\w.])`).test(text));
        const hints = String(error.hint ?? '').split('; ');
        this.#errors.clear();
        for (const message of `${error.message}${error.details ? `; ${error.details}` : ''}`.split('; ')) {
            const path = naming(message);
            if (path && !this.#errors.has(path))
                this.#errors.set(path, { message, hint: hints.find((hint) => naming(hint) === path) ?? error.hint });
        }
        return this.#errors.size > 0;
    }

    template(update) {
        return html`<div class="config">${this.#folder('', this.#rules, update)}</div>`;
    }

    /* The fields of one object, then what is deeper, closed. */
    #folder(path, rules, update) {
        const depth = path === '' ? 0 : path.split('.').length;
        const deeper = new Map();
        const here = [];
        for (const rule of rules) {
            const names = rule.path.split('.');
            if (names.length === depth + 1)
                here.push(rule);
            else {
                const folder = names.slice(0, depth + 1).join('.');
                deeper.set(folder, [...deeper.get(folder) ?? [], rule]);
            }
        }
        return html`${here.length ? html`<div class="config-fields">${here.map((rule) => this.#field(rule, update))}</div>` : nothing}
            ${[...deeper].map(([folder, inside]) => html`<details class="config-folder" ?open=${this.#open(folder) || this.#isOpen(inside)}><summary>${this.#name(folder)}${this.#count(inside)}</summary>${this.#folder(folder, inside, update)}</details>`)}`;
    }

    #isOpen(rules) {
        return rules.some((rule) => this.#own(rule.path) !== undefined || this.#typed.has(rule.path) || this.#errors.has(rule.path));
    }

    #count(rules) {
        const n = rules.filter((rule) => this.#text(rule) !== '').length;
        return n === 0 ? nothing : html` <span class="chip">${t('config.own', { n })}</span>`;
    }

    #name(path) {
        if (has(`config.${path}`))
            return t(`config.${path}`);
        const last = path.split('.').at(-1);
        return has(`config.*.${last}`) ? t(`config.*.${last}`) : last.replaceAll('_', ' ');
    }

    /* Where what holds without it is from. */
    #from(rule) {
        const origin = [this.#state.origins[rule.path]].flat().at(-1);
        return t(`config.from.${origin && has(`config.from.${origin}`) ? origin : 'default'}`);
    }

    #field(rule, update) {
        const labelled = rule.kind !== 'set';
        const id = `config-${rule.path.replaceAll('.', '-')}`;
        const text = this.#text(rule);
        const inherited = valueAt(this.#state.inherited, rule.path);
        const wrong = this.#errors.get(rule.path) ?? null;
        const said = text !== '';
        const change = (value) => {
            this.#typed.set(rule.path, value);
            this.#errors.delete(rule.path);
            this.#changed();
            update();
        };
        return html`<div class="field config-field" data-own=${String(said)}>${labelled ? html`<label for=${id}>${this.#name(rule.path)}</label>` : html`<span class="config-label">${this.#name(rule.path)}</span>`}
            ${this.#input(rule, id, text, inherited, change, wrong)}
            <p class="config-note" id=${`${id}-note`}>${wrong ? html`<span class="error-text">${phrase(sentences(wrong.message))} ${phrase(sentences(wrong.hint))}</span>`
                : said ? html`<button type="button" class="link-button" @click=${() => change('')}>${t('config.back')}</button>`
                : html`<span class="quiet">${this.#from(rule)}</span>`}</p>
            <p class="config-hint" id=${`${id}-hint`}>${rule.comment ? html`${phrase(sentences(rule.comment))} ` : nothing}${has(`config.rule.${rule.path}`) ? t(`config.rule.${rule.path}`) : phrase(rule.allowed)}</p></div>`;
    }

    #input(rule, id, text, inherited, change, wrong) {
        const rest = { note: `${id}-note ${id}-hint`, invalid: wrong ? 'true' : nothing };
        if (rule.kind === 'set')
            return this.#set(rule, id, text, inherited, change, rest);
        if (['boolean', 'choice', 'level', 'library'].includes(rule.kind)) {
            if (rule.kind === 'library' && inherited)
                inherited = inherited.length > 0;
            const word = (choice) => has(`config.${rule.kind}.${choice}`) ? t(`config.${rule.kind}.${choice}`) : choice;
            const options = !rule.choices ? [['true', t('config.yes')], ['false', t('config.no')]] : rule.choices.map((choice) => [choice, word(choice)]);
            const shown = rule.choices && inherited !== undefined && inherited !== null ? word(inherited) : shownText(inherited);
            return html`<select id=${id} aria-describedby=${rest.note} aria-invalid=${rest.invalid} @change=${(event) => change(event.target.value)}>
                <option value="" ?selected=${text === ''}>${shown === '' ? '–' : shown}</option>
                ${options.map(([value, word]) => html`<option value=${value} ?selected=${text === value}>${word}</option>`)}</select>`;
        }
        if (['text', 'lines', 'json', 'services'].includes(rule.kind))
            return html`<textarea id=${id} rows=${rule.kind === 'text' ? 4 : 2} dir="auto" aria-describedby=${rest.note} aria-invalid=${rest.invalid}
                placeholder=${rule.kind === 'services' && inherited ? kinds.services.text(inherited) : Array.isArray(inherited) && rule.kind === 'lines' ? inherited.join('\n') : shownText(inherited)} .value=${live(text)} @input=${(event) => change(event.target.value)}></textarea>`;
        return html`<input id=${id} type="text" dir="auto" inputmode=${rule.kind === 'number' ? 'decimal' : 'text'} aria-describedby=${rest.note} aria-invalid=${rest.invalid}
            placeholder=${shownText(inherited)} .value=${live(text)} @input=${(event) => change(event.target.value)}>`;
    }

    /* By their names; an id that is nobody's any more stays until it is unticked. */
    #set(rule, id, text, inherited, change, rest) {
        const chosen = kinds.set.value(text);
        const names = this.#names[rule.path];
        const name = (value) => names.find((one) => one.value === value)?.label ?? value;
        const all = [...names, ...chosen.filter((value) => !names.some((one) => one.value === value)).map((value) => ({ value, label: value }))];
        if (all.length === 0)
            return html`<p class="quiet" id=${id}>${t('config.none')}</p>`;
        return html`<div class="checks-list" role="group" id=${id} aria-label=${this.#name(rule.path)} aria-describedby=${rest.note} aria-invalid=${rest.invalid}>${all.map(({ value, label }) => html`<label><input type="checkbox" .checked=${live(chosen.includes(value))}
            @change=${(event) => change((event.target.checked ? [...chosen, value] : chosen.filter((one) => one !== value)).join('\n'))}><span dir="auto">${label}</span></label>`)}</div>
            ${text === '' && inherited?.length ? html`<p class="quiet small">${inherited.map(name).join(', ')}</p>` : nothing}`;
    }
}
