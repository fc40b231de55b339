/*
 * app/again.js
 *    Reads anew after something has happened, and asks until it is answered: a page that says it is connected does not
 *    show what was.
 *
 *  const soon = again(read, pause)      read(): a promise; pause: ms after the first call, in which others belong to it
 *  soon()                               reads in a moment; while it reads: once more afterwards
 *  soon.close()                         reads no more
 * View.again(read, pause) is the same and ends with the view. What the server refuses is not asked for again: another try
 * would be refused too. Twice as long a pause before each further try, and not all pages at once.
 */
const first = 500;    // ms before the second try
const most = 30_000;

/* Out of reach, in trouble, or asked too often: it may answer later. */
const mayAnswer = (error) => !error.status || error.status >= 500 || [408, 425, 429].includes(error.status);

export function again(read, pause) {
    let timer = null;
    let reading = false;
    let more = false;
    let tries = 0;
    let closed = false;

    const later = (wait) => { timer ??= setTimeout(run, wait); };

    async function run() {
        timer = null;
        if (closed)
            return;
        reading = true;
        more = false;
        let wait = pause;
        try {
            await read();
            tries = 0;
        }
        catch (error) {
            if (error.name !== 'AbortError' && mayAnswer(error)) {
                wait = Math.max(pause, Math.min(most, first * 2 ** tries++) * (0.5 + Math.random() / 2));
                more = true;
            }
        }
        reading = false;
        if (more && !closed)
            later(wait);
    }

    function soon() {
        if (reading)
            more = true;
        else if (!closed)
            later(pause);
    }

    /* The network is back: there is nothing to wait for. */
    function online() {
        if (timer === null || tries === 0)
            return;
        clearTimeout(timer);
        run();
    }

    addEventListener('online', online);
    soon.close = () => {
        closed = true;
        clearTimeout(timer);
        removeEventListener('online', online);
    };
    return soon;
}
