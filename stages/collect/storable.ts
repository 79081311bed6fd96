/** NUL and lone surrogates cannot be stored everywhere; nothing else is changed at the door. */
export function storable(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '') : text).toWellFormed();
}
