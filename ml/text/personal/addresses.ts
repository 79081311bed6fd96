/** Part of a text: from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const LOCAL = /[\p{L}\p{N}_.+%-]/u;
/** Labels of 63 characters after the sign, in letters of any script (RFC 5321, RFC 6531). What follows may touch: "@gmail.com_". */
const DOMAIN = /@(?:[\p{L}\p{N}-]{1,63}\.){1,8}(?:xn--[a-z0-9-]{2,59}|\p{L}{2,24})/iuy;

/** E-mail addresses: from each sign forth over its domain, and back as far as a name goes, so that no character is looked at twice. */
export function findEmails(text: string): readonly Span[] {
  const found: Span[] = [];
  let before = 0;
  for (let sign = text.indexOf('@'); sign !== -1; sign = text.indexOf('@', sign + 1)) {
    let start = sign;
    while (start > before && LOCAL.test(text.charAt(start - 1))) start--;
    DOMAIN.lastIndex = sign;
    if (start === sign || !DOMAIN.test(text)) continue;
    before = DOMAIN.lastIndex;
    found.push({ start, end: before });
  }
  return found;
}

/** Without 0, O, I and l, which look like others. */
const BASE58 = '[1-9A-HJ-NP-Za-km-z]';
/** After the first 1 of an address (BIP 173), in small or in capital letters: neither 1, b, i nor o. */
const BECH32 = '[02-9ac-hj-np-z]';

const has = (text: string, ...kinds: readonly RegExp[]): boolean => kinds.every((kind) => kind.test(text));
/** By chance (a long word, a shout) a text has not all three of small and capital letters and digits. */
const isMixed = (text: string): boolean => has(text, /[a-z]/, /[A-Z]/, /[0-9]/);
const always = (): boolean => true;

/**
 * Addresses of wallets and hashes of transactions. Every pattern takes bounded pieces between boundaries, so that no text makes
 * it look twice at the same place for long.
 */
const WALLETS: readonly (readonly [RegExp, (found: string) => boolean])[] = [
  // Ethereum and its kind, with 64 digits a transaction: it says so by itself, and letters may touch it ("ke0x…").
  [/0[xX][0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?(?!(?!0[xX])[0-9a-fA-F])/g, always],
  // Transactions of Bitcoin and Tron; TON as numbers of a chain and an account.
  [/(?<![A-Za-z0-9])(?:(?:0|-1):)?[0-9a-fA-F]{64}(?![A-Za-z0-9])/g, (found) => has(found, /[a-f]/i, /[0-9]/)],
  // TON as people share it: base64, in which - and _ are letters.
  [/(?<![\w-])[EUk0]Q[\w-]{46}(?![\w-])/g, isMixed],
  // Bitcoin, Litecoin, Cardano, Cosmos and its kind: bech32 after the name of the chain.
  [new RegExp(`(?<![A-Za-z0-9])(?:(?:bc|tb)1${BECH32}{11,87}|[a-z_]{2,12}1${BECH32}{38,110})(?![A-Za-z0-9])`, 'gi'), always],
  // Stellar: base32.
  [/(?<![A-Za-z0-9])G[A-Z2-7]{55}(?![A-Za-z0-9])/g, (found) => has(found, /[2-7]/)],
  // Base58 by the first letter: Bitcoin (1, 3), Dogecoin, Litecoin, Tron, Dash, Ripple, Tezos, Zcash; by its length alone Solana's and longer ones.
  [new RegExp(`(?<![A-Za-z0-9])(?:[13]${BASE58}{25,34}|[DLMTX]${BASE58}{32,33}|r${BASE58}{24,34}|t[z13]${BASE58}{33,34}|${BASE58}{43,120})(?![A-Za-z0-9])`, 'g'), isMixed],
];

/** Wallets, kind by kind; what one of them took is not looked at by the next. `taken` writes over it. */
export function findWallets(text: string, taken: (text: string, spans: readonly Span[]) => string): readonly Span[] {
  const all: Span[] = [];
  let rest = text;
  for (const [pattern, isOne] of WALLETS) {
    const spans = [...rest.matchAll(pattern)].flatMap(({ 0: found, index }): readonly Span[] => (isOne(found) ? [{ start: index, end: index + found.length }] : []));
    rest = taken(rest, spans);
    all.push(...spans);
  }
  return all;
}
