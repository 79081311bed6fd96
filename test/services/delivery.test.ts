import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import pino from 'pino';
import { messageOf } from '../../services/notify/message.ts';
import type { Message } from '../../services/notify/message.ts';
import { flushOutbox } from '../../services/notify/notify.ts';
import { emptyOutbox, outboxFolder, putOut } from '../../services/notify/outbox.ts';
import { sendMessage, signatureOf } from '../../services/notify/send.ts';
import { event, now, rejected, who } from './alerts.ts';
import { Receiver } from './receiver.ts';

describe('a webhook', () => {
  const message = messageOf(rejected, { reportUrl: null, now, who });

  test('gets the message as JSON, signed, with the id of the event', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    assert.deepEqual(await sendMessage({ url: receiver.url, secret: 'key' }, message), { ok: true, tries: 1 });
    const [{ body, headers } = { body: '', headers: {} }] = receiver.received;
    assert.deepEqual(JSON.parse(body), JSON.parse(JSON.stringify(message)));
    // printf '%s' body | openssl dgst -sha256 -hmac key
    assert.equal(headers['x-signature-256'], signatureOf(body, 'key'));
    assert.equal(signatureOf('hello', 'key'), 'sha256=9307b3b915efb5171ff14d8cb55fbcc798c6c0ef1456d66ded1a6aa723a58b7b');
    assert.equal(headers['x-event-id'], message.id);
  });

  test('is asked three times, and what went wrong is told without its address', async (t) => {
    const receiver = await new Receiver(500, 503).start();
    t.after(() => receiver.stop());
    assert.deepEqual(await sendMessage({ url: receiver.url, secret: undefined }, message, [0, 0]), { ok: true, tries: 3 });
    receiver.statuses = [500, 500, 429];
    assert.deepEqual(await sendMessage({ url: receiver.url, secret: undefined }, message, [0, 0]), { ok: false, tries: 3, why: 'status 429' });
    receiver.stop();
    const refused = await sendMessage({ url: receiver.url, secret: undefined }, message, []);
    assert.ok(!refused.ok && !refused.why.includes('127.0.0.1'));
  });
});

describe('the outbox', () => {
  let workspace = '';
  beforeEach(() => void (workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-outbox-'))));
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));
  const put = (second: number): Message => {
    const message = messageOf(event('drift', { second }), { reportUrl: null, now: new Date(now.getTime() + second * 1000), who });
    putOut(workspace, message);
    return message;
  };

  test('keeps what nobody took, in order, and sends it when somebody does', async () => {
    const messages = [put(1), put(2), put(3)];
    const taken: string[] = [];
    const down = await emptyOutbox(workspace, async ({ id }) => (taken.push(id), taken.length < 2));
    assert.deepEqual([down.sent.length, down.left], [1, 2]);
    taken.length = 0;
    const up = await emptyOutbox(workspace, async ({ id }) => taken.push(id) > 0);
    assert.deepEqual([taken, up.left], [[messages[1]?.id, messages[2]?.id], 0]);
  });

  test('two that empty it at once send each message once', async () => {
    for (let second = 0; second < 10; second++) put(second);
    const taken: string[] = [];
    const send = async ({ id }: Message): Promise<boolean> => {
      taken.push(id);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return true;
    };
    await Promise.all([emptyOutbox(workspace, send), emptyOutbox(workspace, send)]);
    assert.equal(taken.length, 10);
    assert.equal(new Set(taken).size, 10);
  });

  test('what a killed process had taken comes back; beyond 200 the oldest go', async () => {
    put(1);
    const [name = ''] = readdirSync(outboxFolder(workspace));
    const file = path.join(outboxFolder(workspace), name);
    writeFileSync(`${file}.999.sending`, readFileSync(file));
    rmSync(file);
    utimesSync(`${file}.999.sending`, 0, 0);
    assert.equal((await emptyOutbox(workspace, async () => true)).sent.length, 0, 'it may still be under way');
    for (let second = 0; second < 205; second++) put(second);
    assert.equal(readdirSync(outboxFolder(workspace)).filter((each) => each.endsWith('.json')).length, 200);
  });
});

describe('sending what waits', () => {
  let workspace = '';
  beforeEach(() => void (workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-flush-'))));
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));
  const flush = async (url: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({ formatters: { level: (level) => ({ level }) } }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    await flushOutbox({ workspace, webhook: { url, secret: undefined }, log });
    return lines;
  };
  const message = messageOf(rejected, { reportUrl: null, now, who });

  test('a message that was cut is set aside with a sentence, and holds up no other one', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    putOut(workspace, message);
    for (const [second, text] of ['{"id":"x","at"', 'null', ''].entries()) writeFileSync(path.join(outboxFolder(workspace), `2025010${second + 1}T000000000Z-dead.json`), text);
    const lines = await flush(receiver.url);
    assert.equal(receiver.received.length, 1);
    const cut = [1, 2, 3].map((day) => `2025010${day}T000000000Z-dead.json.cut`);
    assert.deepEqual(readdirSync(outboxFolder(workspace)).sort(), cut);
    const said = lines.filter(({ level }) => level === 'error');
    assert.deepEqual(said.map(({ msg, err }) => [String(msg).replace(/: .*/, ''), err]), cut.map(() => ['an alert in the outbox was cut and cannot be sent', undefined]));
    assert.deepEqual(await flush(receiver.url), [], 'once');
  });

  test('a count that cannot be kept costs no message', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    putOut(workspace, message);
    mkdirSync(path.join(workspace, '.repro/alerts/tally.json'));
    await flush(receiver.url);
    assert.deepEqual([receiver.received.length, readdirSync(outboxFolder(workspace))], [1, []]);
  });

  test('an outbox that the disk does not give ends nothing, and is told in a sentence', async () => {
    mkdirSync(path.dirname(outboxFolder(workspace)), { recursive: true });
    writeFileSync(outboxFolder(workspace), 'no folder');
    const [line] = await flush('http://127.0.0.1:9/');
    assert.match(String(line?.msg), /^the outbox of alerts cannot be used at the moment; .*Cannot use .*outbox: .*; move that file away$/);
    assert.equal(line?.err, undefined);
  });
});
