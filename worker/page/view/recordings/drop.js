/*
 * view/recordings/drop.js
 *    drop({id, text, icon, count, body, onOpen}): a button with a panel below it that holds controls; the panel stays
 *    open while they are used. count: how many of them are set.
 *    settle(panel, button): puts an open panel beside its button, inside the window.
 */
import { html, nothing } from '../../app/html.js';
import { number } from '../../app/text.js';
import { icon } from '../../part/icon.js';

export function settle(panel, button) {
    const at = button.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, innerWidth - panel.offsetWidth - 8));
    const below = at.bottom + 4 + panel.offsetHeight < innerHeight || at.top < innerHeight / 2;
    panel.style.setProperty('left', `${left}px`);
    panel.style.setProperty('top', below ? `${at.bottom + 4}px` : 'auto');
    panel.style.setProperty('bottom', below ? 'auto' : `${innerHeight - at.top + 4}px`);
    panel.style.setProperty('max-height', `${(below ? innerHeight - at.bottom : at.top) - 12}px`);
}

export const drop = ({ id, text, icon: picture, count = 0, body, onOpen }) => html`
    <button type="button" class="drop ${count > 0 ? 'set' : ''}" popovertarget=${id} aria-haspopup="true">${picture ? icon(picture) : nothing}<span>${text}</span>${count > 0 ? html`<span class="count">${number(count)}</span>` : nothing}${icon('down')}</button>
    <div class="menu drop-panel" popover id=${id} role="group" aria-label=${text} @toggle=${(event) => {
        if (event.newState === 'open') {
            settle(event.target, document.querySelector(`[popovertarget="${id}"]`));
            onOpen?.();
        }
    }}>${body}</div>`;
