/*
 * view/monitor/monitor.js
 *    What goes on now: of everybody for administrators, of himself for anybody else.
 */
import { isAdmin } from './head.js';
import { Now } from './now.js';
import { Mine } from './mine.js';

export default class Monitor {
    constructor(route, root) {
        return isAdmin() ? new Now(route, root) : new Mine(route, root);
    }
}
