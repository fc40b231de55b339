/*
 * part/table.js
 *    table({caption, columns, rows, key, sort, onSort, row}): a table that is a list of cards on a phone.
 *    columns: [{name, label, cell: (row) => template or text, kind: 'number' | 'wide' | 'tight' | 'actions', sort: name to sort by}];
 *    key(row); sort: 'name' or '-name', onSort(next) when a head is pressed; row(row): {class, selected} of a line.
 */
import { html, nothing, repeat } from '../app/html.js';
import { icon } from './icon.js';

function head(column, sort, onSort) {
    const order = column.sort && (sort === column.sort ? 'ascending' : sort === `-${column.sort}` ? 'descending' : null);
    return html`<th scope="col" class=${column.kind ?? ''} aria-sort=${order || nothing}>${column.sort && onSort
        ? html`<button class="plain" @click=${() => onSort(order === 'ascending' ? `-${column.sort}` : column.sort)}>${column.label}${order ? icon(order === 'ascending' ? 'up' : 'down') : nothing}</button>`
        : column.label}</th>`;
}

export const table = ({ caption, columns, rows, key = (row) => row.id, sort, onSort, row: line }) => html`
    <div class="table-frame"><table class="table"><caption class="hidden">${caption}</caption>
        <thead><tr>${columns.map((column) => head(column, sort, onSort))}</tr></thead>
        <tbody>${repeat(rows, key, (row) => html`<tr class=${line?.(row).class ?? ''} aria-selected=${line?.(row).selected ?? nothing}>${columns.map((column) => html`
            <td class=${column.kind ?? ''} data-label=${column.label || nothing}>${column.cell(row)}</td>`)}</tr>`)}</tbody></table></div>`;
