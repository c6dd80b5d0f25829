import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import net from 'node:net';

/** Loaded into every process below a tested server, before anything else: writes each host to a file when a connection to it is tried. */

const file = process.env['DIFFACE_E2E_CONNECTIONS'];

function record(host: unknown): void {
  if (file !== undefined && typeof host === 'string') appendFileSync(file, `${host} from ${process.argv.slice(1, 3).join(' ')}\n`);
}

record('localhost'); // so that the file exists and names every process that was watched

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Puts `before` in front of a method; what the method does stays the same. */
function watch(holder: object, method: string, before: (args: readonly unknown[]) => void): void {
  const methods = holder as Record<string, AnyFunction>;
  const original = methods[method]!;
  methods[method] = function (...args) {
    before(args);
    return original.apply(this, args);
  };
}

watch(net.Socket.prototype, 'connect', ([first, second]) => {
  // Called with (options), ([options, callback]) from within Node, or (port, host).
  const options: unknown = Array.isArray(first) ? first[0] : first;
  if (typeof options === 'object' && options !== null && 'host' in options) record(options.host);
  else record(second);
});
watch(dns, 'lookup', ([host]) => {
  record(host);
});
watch(dgram.Socket.prototype, 'send', (args) => {
  record(args.find((arg) => typeof arg === 'string' && /^[\w.:-]+\.[\w.:-]+$/.test(arg)));
});
