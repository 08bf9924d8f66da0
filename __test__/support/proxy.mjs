// A proxy as a process of its own: HTTP (CONNECT and absolute form) on one port, SOCKS5 on another.
//
//   const proxy = await startProxy({ credentials: 'user:pass' });
//   proxy.http, proxy.socks     // ports
//   proxy.seen                  // [{ kind, target, authorization }]
//   await proxy.stop();
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** Every target is reached on loopback, whatever host it names; with `leadTo` on that port, whatever port it names. */
export async function startProxy({ credentials = '', leadTo = 0 } = {}) {
  const child = fork(fileURLToPath(import.meta.url), ['--serve', credentials, String(leadTo)]);
  const seen = [];
  child.on('message', (message) => message.kind && seen.push(message));
  const [{ http, socks }] = await once(child, 'message');
  return {
    http,
    socks,
    seen,
    stop() {
      child.kill();
      return once(child, 'exit');
    },
  };
}

function serve(credentials, leadTo) {
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const tell = (kind, target, headers = {}) =>
    process.send({ kind, target, authorization: headers['proxy-authorization'], bearer: headers.authorization });
  const allowed = (headers) => !expected || headers['proxy-authorization'] === expected;

  const http = createServer((incoming, response) => {
    tell('absolute', incoming.url, incoming.headers);
    if (!allowed(incoming.headers)) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
      return;
    }
    const { port, pathname, search } = new URL(incoming.url);
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const onward = httpRequest({ host: '127.0.0.1', port, path: pathname + search, method: incoming.method, headers });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  http.on('connect', (incoming, socket, head) => {
    tell('connect', incoming.url, incoming.headers);
    if (!allowed(incoming.headers)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n');
      return;
    }
    const onward = connect(leadTo || Number(incoming.url.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      join(socket, onward);
    });
  });

  const socks = createTcpServer((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (wish) => {
        const isName = wish[3] === 3;
        const end = isName ? 5 + wish[4] : 8;
        const host = isName ? wish.subarray(5, end).toString() : wish.subarray(4, 8).join('.');
        const port = wish.readUInt16BE(end);
        tell('socks', `${host}:${port}`);
        const onward = connect(port, '127.0.0.1', () => {
          socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
          join(socket, onward);
        });
      });
    });
  });
  http.listen(0, '127.0.0.1', () =>
    socks.listen(0, '127.0.0.1', () => process.send({ http: http.address().port, socks: socks.address().port })),
  );
}

function join(left, right) {
  left.on('error', () => right.destroy());
  right.on('error', () => left.destroy());
  left.pipe(right).pipe(left);
}

if (process.argv[2] === '--serve') serve(process.argv[3], Number(process.argv[4]));
