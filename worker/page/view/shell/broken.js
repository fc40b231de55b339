/*
 * view/shell/broken.js
 *    A view could not be shown: the server is away or busy, has another version by now, or refused.
 *    The router gives this.error and this.again; a server that is away is looked for.
 */
import { events } from '../../app/events.js';
import { html } from '../../app/html.js';
import { t } from '../../app/text.js';
import { View } from '../../app/view.js';
import { problem } from '../../part/problem.js';

const longest = 60; // seconds
let tries = 0;
let last = 0;

export default class Broken extends View {
    async open() {
        this.listen(window, 'online', this.again);
        if (this.kind() !== 'away')
            return;
        // each time later, as long as it fails again and again
        tries = performance.now() - last > 2000 * longest ? 0 : tries + 1;
        last = performance.now();
        const timer = setTimeout(() => this.again(), 1000 * Math.max(this.error.retryAfter ?? 0, Math.min(longest, 2 ** tries)));
        this.after(() => clearTimeout(timer));
        this.after(events.onState((state) => state === 'live' && this.again()));
    }

    /* A module that is not there is one of a page that was replaced. */
    kind() {
        if (this.error instanceof TypeError && /import|module/i.test(this.error.message))
            return 'old';
        return [0, 502, 503, 504].includes(this.error.status) ? 'away' : 'refused';
    }

    title() { return t(`broken.${this.kind()}`); }

    template() {
        const kind = this.kind();
        return html`<div class="empty"><h1>${t(`broken.${kind}`)}</h1><p>${t(`broken.${kind}.text`)}</p>
            ${kind === 'refused' ? problem(this.error) : ''}
            <p><button class="primary" @click=${() => kind === 'old' ? location.reload() : this.again()}>${t(kind === 'old' ? 'broken.reload' : 'broken.again')}</button></p></div>`;
    }
}
