/*
 * app/tabs.js
 *    Which of the tabs of this browser listens for all of them. Each tab that had a stream of its own would hold one of the six
 *    connections that a browser has for a server by HTTP/1.1: the seventh tab would wait for ever.
 *
 *  const tabs = new Tabs({ name, lead, follow, hear })
 *      lead()              this tab leads from now on
 *      follow()            another one leads
 *      hear(message)       what another tab said
 *  tabs.join(), tabs.leave()
 *  tabs.say(message)       to all others;  tabs.leading: whether this one leads
 * The lock goes on to another tab when the one that leads is closed, or dies. Where a browser has no locks, because the page
 * came neither by TLS nor from this machine, each tab leads itself and they do not talk.
 */
export class Tabs {
    leading = false;
    #channel = null;
    #waiting = null;
    #release = null;

    constructor(settings) {
        Object.assign(this, settings);
    }

    join() {
        if (!navigator.locks) {
            this.#lead();
            return;
        }
        const waiting = new AbortController();
        this.#waiting = waiting;
        this.#channel = new BroadcastChannel(this.name);
        this.#channel.onmessage = ({ data }) => this.hear(data);
        navigator.locks.request(this.name, { ifAvailable: true }, (lock) => {
            if (waiting.signal.aborted)
                return undefined;
            if (lock)
                return this.#lead();
            this.#follow(waiting.signal);
            return undefined;
        });
    }

    leave() {
        this.leading = false;
        this.#waiting?.abort();
        this.#channel?.close();
        this.#channel = null;
        this.#release?.();
    }

    say(message) {
        this.#channel?.postMessage(message);
    }

    #lead() {
        this.leading = true;
        this.lead();
        return new Promise((resolve) => { this.#release = resolve; });
    }

    #follow(signal) {
        this.follow();
        navigator.locks.request(this.name, { signal }, () => signal.aborted ? undefined : this.#lead())
            .catch((error) => error.name === 'AbortError' || console.error(error));
    }
}
