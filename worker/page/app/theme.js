/*
 * app/theme.js
 *    Light or dark: theme() is 'auto', 'light' or 'dark', setTheme(name) chooses and keeps it in
 *    this browser; onTheme(fn) is called when what is seen changes; isDark() is what is seen.
 */
const stored = 'leap.theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set();

export const themes = ['auto', 'light', 'dark'];
export const theme = () => themes.find((name) => name === localStorage.getItem(stored)) ?? 'auto';
export const isDark = () => theme() === 'dark' || (theme() === 'auto' && system.matches);

function apply() {
    document.documentElement.dataset.theme = isDark() ? 'dark' : 'light';
    listeners.forEach((listener) => listener());
}

export function setTheme(name) {
    localStorage.setItem(stored, name);
    apply();
}

export function onTheme(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

system.addEventListener('change', apply);
addEventListener('storage', (event) => event.key === stored && apply());
apply();
