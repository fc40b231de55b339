/*
 * app/main.js
 *    The beginning: who is here, and which view he asked for.
 */
import { events } from './events.js';
import { frame, redraw } from './layout.js';
import { ahead, go, query, reopen, startRouter } from './router.js';
import { session } from './session.js';
import { offerLanguage, words } from './text.js';
import './theme.js';

/* Where somebody wanted to go before he had to sign in. */
function arrived() {
    const wanted = query().next;
    return location.pathname === '/app/login' ? go(wanted?.startsWith('/') ? wanted : '/recordings', {}, { replace: true }) : reopen();
}

async function start() {
    ahead();
    await words('shell');
    const away = await session.start().catch((error) => error);
    if (session.user) {
        events.start();
        await offerLanguage(session.user.language);
    }
    session.onChange(async (user) => {
        if (user) {
            events.start();
            await offerLanguage(user.language);
        }
        else
            events.stop();
        return user ? arrived() : reopen();
    });
    await startRouter({ frame, onRoute: redraw, away, start: () => session.start() });
}

start();
