import { hostname } from 'node:os';

/** Host and port as URLs have them: an address of IPv6 stands in brackets. */
export function authorityOf(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Where people of other machines find the report of a server that listens there; one that listens everywhere goes by the machine's name. */
export function reportUrlOf(host: string, port: number): string {
  return `http://${authorityOf(host === '0.0.0.0' || host === '::' ? hostname() : host, port)}`;
}
