import { createHmac, randomUUID } from 'node:crypto';

/** Messages of the Jupyter protocol 5.3 as frames on the wire: https://jupyter-client.readthedocs.io/en/stable/messaging.html */

export interface Message {
  readonly id: string;
  readonly type: string;
  readonly parent: string | undefined;
  readonly content: Readonly<Record<string, unknown>>;
}

const DELIMITER = '<IDS|MSG>';

export interface Wire {
  encode(type: string, content: unknown): { readonly id: string; readonly frames: readonly string[] };
  /** Undefined for frames that are no message of ours, or whose signature does not fit. */
  decode(frames: readonly Uint8Array[]): Message | undefined;
}

export function createWire(key: string): Wire {
  const session = randomUUID();
  const sign = (parts: readonly (string | Uint8Array)[]): string => {
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  };
  return {
    encode(type, content) {
      const id = randomUUID();
      const header = { msg_id: id, session, username: 'repro', date: '2000-01-01T00:00:00Z', msg_type: type, version: '5.3' };
      const parts = [JSON.stringify(header), '{}', '{}', JSON.stringify(content)];
      return { id, frames: [DELIMITER, sign(parts), ...parts] };
    },
    decode(frames) {
      const start = frames.findIndex((frame) => Buffer.from(frame).toString() === DELIMITER);
      const [signature, ...parts] = frames.slice(start + 1);
      if (start < 0 || signature === undefined || parts.length < 4 || Buffer.from(signature).toString() !== sign(parts.slice(0, 4))) return undefined;
      const [header, parent, , content] = parts.slice(0, 4).map((part) => JSON.parse(Buffer.from(part).toString()) as Record<string, unknown>);
      return { id: String(header?.msg_id), type: String(header?.msg_type), parent: parent?.msg_id === undefined ? undefined : String(parent.msg_id), content: content ?? {} };
    },
  };
}
