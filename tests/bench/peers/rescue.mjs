// tests/bench/peers/rescue.mjs graphile|boss|boss-heartbeat add | work
//     A job that takes ten minutes and says, by a line in the file BENCH_STARTED, that it
//     has begun; with the default settings for workers that die, or with pg-boss's heartbeats
//     at their shortest.

import { appendFileSync } from "node:fs";
import { makeWorkerUtils, run } from "graphile-worker";
import { PgBoss } from "pg-boss";
import { clock, database, sleep, untilReleased } from "./gate.mjs";

async function long()
{
    appendFileSync(process.env.BENCH_STARTED, `${clock()}\n`);
    await sleep(600000);
}

async function startBoss()
{
    const boss = new PgBoss({ connectionString: database });

    boss.on("error", (error) => { throw error; });
    await boss.start();
    return boss;
}

function bossWith(options)
{
    return {
        add: async () =>
        {
            const boss = await startBoss();

            await boss.createQueue("long", options);
            await boss.send("long", {});
            process.exit(0);
        },
        work: async () => (await startBoss()).work("long", long),
    };
}

const systems = {
    graphile: {
        add: async () =>
        {
            const utils = await makeWorkerUtils({ connectionString: database });

            await utils.addJob("long", {});
            process.exit(0);
        },
        work: () => run({
            preset: { worker: { connectionString: database, concurrentJobs: 1 } },
            noHandleSignals: true,
            taskList: { long },
        }),
    },
    boss: bossWith({}),
    "boss-heartbeat": bossWith({ heartbeatSeconds: 10 }),
};
const [system, command] = process.argv.slice(2);

if (command === "work")
    await untilReleased();
await systems[system][command]();
