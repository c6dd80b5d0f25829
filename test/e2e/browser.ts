import { chromium, type Browser } from 'playwright-core';
import { chromiumPath } from './requirements.ts';

/** The system's Chromium without a window, a sandbox (root has none) and anything that asks the network by itself. It finds no host but this machine. */
export async function launchBrowser(): Promise<Browser> {
  // Requests of service workers, which serve a webview's files, are seen too.
  process.env['PW_EXPERIMENTAL_SERVICE_WORKER_NETWORK_EVENTS'] = '1';
  return chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    args: [
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}
