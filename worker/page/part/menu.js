/*
 * part/menu.js
 *    menu({id, label, icon, items, kind, text}): a button with a popover below it. items: [{label, icon, href | run, checked,
 *    disabled, reason, danger} | 'line' | template]. label names the button for readers; text: shown in it. Arrow keys
 *    move, Escape and a choice close.
 */
import { html, nothing } from '../app/html.js';
import { icon } from './icon.js';

function place(event) {
    if (event.newState !== 'open')
        return;
    const popover = event.target;
    const button = document.querySelector(`[popovertarget="${popover.id}"]`).getBoundingClientRect();
    const width = popover.offsetWidth;
    const left = Math.max(8, Math.min(button.left, innerWidth - width - 8));
    const below = button.bottom + 4 + popover.offsetHeight < innerHeight || button.top < innerHeight / 2;
    popover.style.setProperty('left', `${left}px`);
    popover.style.setProperty('top', below ? `${button.bottom + 4}px` : 'auto');
    popover.style.setProperty('bottom', below ? 'auto' : `${innerHeight - button.top + 4}px`);
    popover.querySelector('a, button:not([aria-disabled])')?.focus();
}

function move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step)
        return;
    event.preventDefault();
    const items = [...event.currentTarget.querySelectorAll('a, button')];
    items.at((items.indexOf(document.activeElement) + step) % items.length)?.focus();
}

const close = (event) => event.currentTarget.closest('[popover]').hidePopover();

function item(one) {
    if (one === 'line')
        return html`<hr>`;
    if (!one.label)
        return one;
    const inside = html`${one.icon ? icon(one.icon) : nothing}<span>${one.label}${one.reason ? html`<small>${one.reason}</small>` : nothing}</span>`;
    if (one.href)
        return html`<a role="menuitem" href=${one.href} @click=${close}>${inside}</a>`;
    return html`<button role=${one.checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked=${one.checked ?? nothing} class=${one.danger ? 'danger-text' : ''}
        aria-disabled=${one.disabled ? 'true' : nothing} @click=${(event) => { if (!one.disabled) { close(event); one.run(); } }}>${inside}</button>`;
}

export const menu = ({ id, label, icon: picture = 'more', items, kind = 'icon-button', text }) => html`
    <button class=${kind} popovertarget=${id} aria-haspopup="menu" aria-label=${label}>${icon(picture)}${text ? html`<span class="menu-text">${text}</span>` : nothing}</button>
    <div class="menu" popover id=${id} role="menu" aria-label=${label} @toggle=${place} @keydown=${move}>${items.map(item)}</div>`;
