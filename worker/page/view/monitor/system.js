/*
 * view/monitor/system.js
 *    A view over what the whole installation does: read once, then told whenever it changes.
 *
 * this.state is what GET /admin/system says; took(before) is called when it is another.
 */
import { View, style } from '../../app/view.js';
import { api } from '../../app/api.js';
import { events } from '../../app/events.js';

export class SystemView extends View {
    state = null;

    async open() {
        this.after(events.topic('system'));
        this.live('system', (state) => this.#take(state));
        this.onReset(this.again(() => this.read(), 0));
        await Promise.all([style('view/monitor.css'), this.read()]);
    }

    took() {}

    async read() {
        const state = await this.load((signal) => api.get('/admin/system', {}, { signal }));
        if (!this.state || state.at >= this.state.at)
            this.#take(state);
    }

    #take(state) {
        const before = this.state;
        this.state = state;
        this.took(before);
        this.update();
    }
}
