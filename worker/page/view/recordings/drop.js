/*
 * view/recordings/drop.js
 *    drop({id, text, icon, count, body, onOpen}): a button with a panel below it that holds controls; the panel stays
 *    open while they are used. count: how many of them are set.
 */
import { html, nothing } from '../../app/html.js';
import { number } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { place } from '../../part/menu.js';

export const drop = ({ id, text, icon: picture, count = 0, body, onOpen }) => html`
    <button type="button" class="drop ${count > 0 ? 'set' : ''}" popovertarget=${id} aria-haspopup="true">${picture ? icon(picture) : nothing}<span>${text}</span>${count > 0 ? html`<span class="count">${number(count)}</span>` : nothing}${icon('down')}</button>
    <div class="menu drop-panel" popover id=${id} role="group" aria-label=${text} @toggle=${(event) => {
        if (event.newState === 'open') {
            place(event.target, document.querySelector(`[popovertarget="${id}"]`));
            onOpen?.();
        }
    }}>${body}</div>`;
