/*
 * part/asking.js
 *    A question that is asked a moment after something was typed; of several answers only that to the newest counts.
 *
 *  const asking = new Asking(view, { ask, took, pause })
 *      ask(signal)            a promise of the answer
 *      took(answer, error)    one of them, the other is null
 *  asking.soon(), asking.now()
 * It ends with the view.
 */
const usual = 300; // ms

export class Asking {
    #timer = 0;
    #turn = 0;

    constructor(view, { ask, took, pause = usual }) {
        Object.assign(this, { view, ask, took, pause });
        view.after(() => clearTimeout(this.#timer));
    }

    soon() {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.now(), this.pause);
    }

    async now() {
        const turn = ++this.#turn;
        let answer = null;
        let error = null;
        clearTimeout(this.#timer);
        try {
            answer = await this.view.load((signal) => this.ask(signal));
        }
        catch (problem) {
            if (problem.name === 'AbortError')
                return;
            error = problem;
        }
        if (turn === this.#turn && !this.view.closed)
            this.took(answer, error);
    }
}
