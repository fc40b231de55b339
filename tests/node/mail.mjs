// tests/node/mail.mjs OPTIONS
//     A mail server (npm's smtp-server) on a free port of the loopback address, which it prints
//     first: {"port": 12345}. OPTIONS is JSON: tls starttls | smtps | none, key and cert (files),
//     user and password (without them nobody logs in); folder: each mail is a file there, too.
//
//     {"take": true} -> {"mails": [...], "logins": [...]}: what has come since the last time. A mail
//     is as npm's mailparser reads it, and "defects" names what is against the rules of mail.
//
//     Who the recipient is says what goes wrong:
//     gone@ 550   full@ 452   grey@ 450 the first time   spam@ 554 after the message
//     drop@ the connection ends after the message, the first time, without an answer
//     echo@ 550, quoting the password
//     and the sender forbidden@ is refused with 553.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

const options = JSON.parse(process.argv[2]);
const seen = new Set();
let mails = [];
let kept = 0;
let logins = [];

function refusal(code, message) {
    return Object.assign(new Error(message), { responseCode: code });
}

// The first time something is asked for this key.
function isFirst(key) {
    return !seen.has(key) && seen.add(key);
}

const refusals = {
    gone: () => refusal(550, '5.1.1 No such user here'),
    full: () => refusal(452, '4.2.2 Mailbox is full, try again later'),
    echo: () => refusal(550, `5.7.1 I do not like your ${options.password}`),
    grey: (address) => isFirst(`grey ${address}`) && refusal(450, '4.2.0 Greylisted, come back in 5 minutes'),
};

function localPart(address) {
    return address.split('@')[0].replace(/\+.*/, '');
}

// RFC 5321, 5322, 2047 in what can be counted; a message of ours is ASCII throughout.
function defectsOf(raw) {
    const defects = [];
    const lines = raw.toString('latin1').split('\r\n');
    const head = lines.slice(0, lines.indexOf(''));

    if (raw.some((byte) => byte > 126 || byte === 0)) defects.push('not ASCII');
    if (lines.some((line) => /[\r\n]/.test(line))) defects.push('a line end that is no CRLF');
    if (lines.some((line) => line.length > 998)) defects.push('a line of more than 998 bytes');
    if (lines.slice(head.length).some((line) => line.length > 76)) defects.push('a line of the body of more than 76 bytes');
    for (const line of head) {
        if (!/^(?:[!-9;-~]+: ?$|[!-9;-~]+: ?\S|[ \t]+\S)/.test(line)) defects.push(`no header: ${line}`);
        if (/=\?/.test(line) && line.length > 76) defects.push(`a long line with encoded words: ${line}`);
    }
    for (const [word] of head.join('\n').matchAll(/=\?[^?]*\?[^?]*\?[^?]*\?=/g))
        if (word.length > 75) defects.push(`an encoded word of more than 75 characters: ${word}`);
    for (const name of ['date', 'from', 'to', 'subject', 'message-id', 'mime-version'])
        if (head.filter((line) => line.toLowerCase().startsWith(`${name}:`)).length !== 1)
            defects.push(`${name} is not there once`);
    return defects;
}

async function read(stream) {
    const pieces = [];

    for await (const piece of stream) pieces.push(piece);
    return Buffer.concat(pieces);
}

async function keep(raw, session) {
    const mail = await simpleParser(raw);
    const headers = Object.fromEntries(mail.headerLines.map(({ key, line }) => [key, line]));

    const read = {
        secure: session.secure,
        user: session.user ?? null,
        envelope: { from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map((to) => to.address) },
        raw: raw.toString('latin1'),
        defects: defectsOf(raw),
        headers,
        subject: mail.subject,
        from: mail.from.value,
        to: mail.to.value,
        date: mail.date,
        message_id: mail.messageId,
        text: mail.text,
        html: mail.html || null,
    };
    mails.push(read);
    // whole as soon as it is seen
    if (options.folder) {
        const name = `${options.folder}/${++kept}`;
        writeFileSync(`${name}.new`, JSON.stringify(read));
        renameSync(`${name}.new`, `${name}.json`);
    }
}

const server = new SMTPServer({
    secure: options.tls === 'smtps',
    key: options.key && readFileSync(options.key),
    cert: options.cert && readFileSync(options.cert),
    hideSTARTTLS: options.tls === 'none',
    disabledCommands: options.user ? [] : ['AUTH'],
    authOptional: !options.user,
    logger: false,
    onAuth(auth, session, done) {
        logins.push({ user: auth.username, method: auth.method, secure: session.secure });
        if (auth.username === options.user && auth.password === options.password)
            return done(null, { user: auth.username });
        return done(refusal(535, '5.7.8 Authentication credentials invalid'));
    },
    onMailFrom(address, session, done) {
        done(localPart(address.address) === 'forbidden' ? refusal(553, '5.1.8 Sender not allowed') : null);
    },
    onRcptTo(address, session, done) {
        done(refusals[localPart(address.address)]?.(address.address) || null);
    },
    async onData(stream, session, done) {
        const raw = await read(stream).catch(() => null);
        const recipient = session.envelope.rcptTo[0].address;

        // who hung up in the middle has sent nothing
        if (!raw) return undefined;
        if (localPart(recipient) === 'spam') return done(refusal(554, '5.7.1 This looks like spam'));
        await keep(raw, session);
        if (localPart(recipient) === 'drop' && isFirst(`drop ${recipient}`)) {
            for (const connection of server.connections)
                if (connection.id === session.id) connection._socket.destroy();
            return undefined;
        }
        return done(null, '2.0.0 Queued as 4711');
    },
});

server.on('error', () => {});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.server.address().port })));

for await (const line of createInterface({ input: process.stdin })) {
    if (JSON.parse(line).take) console.log(JSON.stringify({ mails, logins }));
    mails = [];
    logins = [];
}
process.exit(0);
