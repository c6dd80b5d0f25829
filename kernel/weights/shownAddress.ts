/** An address as it is shown and kept: without name and password, and without what follows a question mark, where signed addresses carry secrets. */
export function shownAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1').replace(/[?#].*$/s, '');
  return url.origin + (url.pathname === '/' && !address.endsWith('/') ? '' : url.pathname);
}

/** Value of the header Authorization for the name and password in an address; undefined where it has none. */
export function basicAuthorization(address: string): string | undefined {
  const { username, password } = new URL(address);
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${plain(username)}:${plain(password)}`).toString('base64')}`;
}

function plain(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;                                                     // a percent sign that stands for itself
  }
}
