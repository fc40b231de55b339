/*
 * view/recordings/place.js
 *    What the address of the list says: filters, order, page, and back.
 *
 *    read(query)          {filters, sort, order, after, before, size}: filters as the page has them (names below),
 *                       lists as arrays; anything that cannot be is left out
 *    write(place)         the query of the address, as short as possible
 *    asked(place)         the query of GET /recordings/browse
 *    bulkFilters(filters) the filters of a request on many
 *    toggle(list, value)  a list with or without a value
 */
export const sorts = ['created_at', 'start_time', 'display_name', 'updated_at', 'status'];
export const sizes = [25, 50, 100, 200, 500];
export const statuses = ['PENDING_SOURCE', 'INITIALIZED', 'DOWNLOADING', 'DOWNLOADED', 'PROCESSING', 'PROCESSED', 'TRANSCRIBING', 'TRANSCRIBED',
    'UPLOADING', 'UPLOADED', 'READY', 'FAILED', 'SKIPPED'];
const usual = { sort: 'created_at', order: 'desc', size: 50 };
const uuid = /^[0-9a-f-]{36}$/;
const day = /^\d{4}-\d\d-\d\d$/;

const list = (fits) => (text) => text.split(',').filter(fits);
const one = (fits) => (text) => fits(text) ? text : null;

/* name in the address: how to read it, what it is to the server, and what it implies where nothing else is said */
export const filterTable = {
    search: { read: (text) => text.trim().slice(0, 200) || null },
    status: { read: list((text) => statuses.includes(text)) },
    template: { read: list((text) => uuid.test(text)), asks: 'template_id' },
    source: { read: list((text) => uuid.test(text)), asks: 'source_id' },
    active: { read: one((text) => text === 'true') },
    // what is tried again or held has not failed yet
    failed: { read: one((text) => text === 'true'), also: { held: 'false', active: 'false' } },
    held: { read: one((text) => text === 'true') },
    mapped: { read: one((text) => ['true', 'false'].includes(text)), asks: 'is_mapped' },
    blank: { read: one((text) => ['with', 'only'].includes(text)), asks: { with: ['include_blank', 'true'], only: ['blank', 'true'] } },
    deleted: { read: one((text) => ['with', 'only'].includes(text)), asks: { with: ['include_deleted', 'true'], only: ['deleted', 'true'] } },
    from: { read: one((text) => day.test(text)), asks: 'from_date' },
    to: { read: one((text) => day.test(text)), asks: 'to_date' },
};

export const toggle = (values, value) => values?.includes(value) ? values.filter((one) => one !== value) : [...values ?? [], value];

export function read(query) {
    const filters = {};
    for (const [name, { read: take }] of Object.entries(filterTable)) {
        const value = query[name] === undefined ? null : take(query[name]);
        if (value !== null && value.length > 0)
            filters[name] = value;
    }
    return {
        filters, after: query.after ?? null, before: query.before ?? null,
        sort: sorts.includes(query.sort) ? query.sort : usual.sort,
        order: ['asc', 'desc'].includes(query.order) ? query.order : usual.order,
        size: sizes.includes(Number(query.size)) ? Number(query.size) : usual.size,
    };
}

export function write({ filters, sort, order, size, after, before }) {
    const query = {};
    for (const [name, value] of Object.entries(filters))
        query[name] = Array.isArray(value) ? value.join(',') || null : value;
    for (const [name, value] of Object.entries({ sort, order, size }))
        query[name] = value === usual[name] ? null : value;
    return { ...query, after, before };
}

function meant(filters) {
    const said = Object.assign({}, ...Object.keys(filters).map((name) => filterTable[name].also));
    for (const [name, value] of Object.entries(filters)) {
        const { asks = name } = filterTable[name];
        if (typeof asks === 'object')
            said[asks[value][0]] = asks[value][1];
        else
            said[asks] = value;
    }
    return said;
}

export const asked = ({ filters, sort, order, size, after, before }) => ({ ...meant(filters), sort_by: sort, sort_order: order, most: size, after, before });

export const askedFilters = meant;

export function bulkFilters(filters) {
    const said = meant(filters);
    if (said.include_blank || said.blank)
        said.exclude_blank = false;
    delete said.include_blank;
    return said;
}
