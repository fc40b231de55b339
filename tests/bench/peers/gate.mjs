// tests/bench/peers/gate.mjs
//     What every worker of the measurements does: says "ready", waits for a line, works until
//     it is terminated. Times are microseconds of the clock all processes share.

import { once } from "node:events";
import { createInterface } from "node:readline";

export const database = `postgresql:///${process.env.PGDATABASE}?host=${encodeURIComponent(
    process.env.PGHOST)}&user=${process.env.PGUSER}`;

export async function untilReleased()
{
    const lines = createInterface({ input: process.stdin });

    console.log("ready");
    await once(lines, "line");
    lines.close();
}

export function clock()
{
    return Number(process.hrtime.bigint() / 1000n);
}

export function sleep(milliseconds)
{
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
