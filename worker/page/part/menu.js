/*
 * part/menu.js
 *    menu({id, label, icon, items, kind, text}): a button with a popover below it. items: [{label, icon, href | run, checked,
 *    disabled, reason, danger} | 'line' | template]. label names the button for readers; text: shown in it. Arrow keys
 *    move, Escape and a choice close.
 *    place(popover, button): puts a popover beside its button, and lets it be no larger than the room that there is, also when more comes into
 *    it later.
 */
import { html, nothing } from '../app/html.js';
import { icon } from './icon.js';

const gap = 4;    // px to the button
const border = 8; // and to the edges of the window

export function place(popover, button) {
    const { left, top, bottom } = button.getBoundingClientRect();
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    popover.style.removeProperty('max-height');
    const below = bottom + gap + popover.offsetHeight + border < height || top < height / 2;
    const set = (name, value) => popover.style.setProperty(name, typeof value === 'number' ? `${Math.floor(value)}px` : value);
    set('left', Math.max(border, Math.min(left, width - popover.offsetWidth - border)));
    set('top', below ? bottom + gap : 'auto');
    set('bottom', below ? 'auto' : height - top + gap);
    set('max-height', (below ? height - bottom : top) - gap - border);
}

function opened(event) {
    if (event.newState !== 'open')
        return;
    const popover = event.target;
    place(popover, document.querySelector(`[popovertarget="${popover.id}"]`));
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
    <div class="menu" popover id=${id} role="menu" aria-label=${label} @toggle=${opened} @keydown=${move}>${items.map(item)}</div>`;
