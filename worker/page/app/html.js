/*
 * app/html.js
 *    Templates: lit-html, from one place.
 *
 * html`…`, svg`…` make templates, render(template, root) shows one. Texts are bound as texts.
 * repeat(list, key, template), live(value), ref(createRef()), classMap({name: bool}),
 * keyed(key, template), until(promise, meanwhile), ifDefined(value), guard(list, template).
 */
export {
    html, svg, nothing, noChange, render, repeat, live, ref, createRef, classMap, keyed, until, ifDefined, guard,
} from '../vendor/lit.js';

/* marked(text): the words of an escaped snippet of search, "a <mark>b</mark> c", as parts
 * [{text, hit}]: entities are read, nothing becomes markup. */
const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#x27;': "'", '&amp;': '&' };

export function marked(snippet) {
    const parts = [];
    let hit = false;
    for (const piece of String(snippet ?? '').split(/(<\/?mark>)/)) {
        if (piece === '<mark>')
            hit = true;
        else if (piece === '</mark>')
            hit = false;
        else if (piece !== '')
            parts.push({ text: piece.replace(/&(?:lt|gt|quot|#39|#x27|amp);/g, (entity) => entities[entity]), hit });
    }
    return parts;
}
