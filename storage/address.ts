import type { StoreFailure } from './failure.ts';
import { wording } from './wording.ts';

export type AddressVariable = 'MONGODB_URI' | 'DATABASE_URL';

interface Form {
  readonly schemes: readonly string[];
  readonly example: string;
  /** Whether it may name no host: PostgreSQL's own machine, or a socket that an option names. */
  readonly isHostless: boolean;
}

const FORMS: Readonly<Record<AddressVariable, Form>> = {
  MONGODB_URI: { schemes: ['mongodb://', 'mongodb+srv://'], example: 'mongodb://user:password@host:27017/ulasan', isHostless: false },
  DATABASE_URL: { schemes: ['postgres://', 'postgresql://'], example: 'postgres://user:password@host:5432/ulasan', isHostless: true },
};

/** What follows the scheme: user and password, hosts, path, options. An @ behind the hosts, or a #, is of a password that is not encoded. */
const PARTS = /^(?:([^/?#]*)@)?([^@/?#]*)(\/[^@?#]*)?(?:\?(?:[\w.-]+=[^#]*)?)?$/;

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** PostgreSQL's driver reads an address as a URL, MongoDB's as a form of its own, with several hosts. */
function isUrl(address: string): boolean {
  // It encodes percent signs that begin no escape by itself.
  if (/%(?![\da-f]{2})/i.test(address)) return URL.canParse(address.replace('@/', '@host/'));
  return URL.canParse(address.replace('@/', '@host/')) && isDecodable(address);
}

/** A failure of an address, with what is wrong with it. It is named by its variable alone. */
export function addressFailure(variable: AddressVariable, why: string): StoreFailure {
  return { kind: 'address', target: variable, why };
}

/** Why nobody needs to be asked whether there is a server at this address: it is none. Undefined for all others. */
export function badAddress(variable: AddressVariable, address: string): StoreFailure | undefined {
  const { schemes, isHostless } = FORMS[variable];
  // A socket of PostgreSQL, by its path.
  if (variable === 'DATABASE_URL' && /^(\/|socket:)/.test(address)) return undefined;
  const scheme = schemes.find((one) => address.startsWith(one));
  if (scheme === undefined) return addressFailure(variable, wording.otherScheme(schemes));
  const parts = PARTS.exec(address.slice(scheme.length));
  if (parts === null || (parts[2] === '' && !isHostless) || (variable === 'DATABASE_URL' && !isUrl(address))) return addressFailure(variable, wording.unreadable);
  return undefined;
}

/** What to do about a failure of kind `address`, by its target. */
export function addressRemedy(target: string): string {
  const variable: AddressVariable = target === 'MONGODB_URI' ? 'MONGODB_URI' : 'DATABASE_URL';
  return wording.addressRemedy(variable, FORMS[variable].example);
}
