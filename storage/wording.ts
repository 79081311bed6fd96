/** Every sentence about the addresses of servers. None shows the address or a part of it: it may hold a password. */
export const wording = {
  otherScheme: (schemes: readonly string[]): string => `it begins with neither ${schemes.join(' nor ')}`,
  unreadable: 'it cannot be read as an address',
  addressRemedy: (variable: string, form: string): string =>
    `write ${variable} as ${form}; within user and password / # and @ are written as %2F, %23 and %40, and so is whatever else is no letter or digit (percent-encoded)`,
} as const;
