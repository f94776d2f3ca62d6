// A proxy between client and server that fails on demand and remembers what went through.
import http from "node:http";

/**
 * behave(request) decides, for {method, path, body, json}, what happens: undefined passes it on;
 * "lose_reply" passes it on, waits for the server's answer and cuts the connection; "refuse" cuts it at
 * once; "hang" never answers; {status, headers, body} answers instead of the server. It may be a promise.
 */
export async function startProxy(target) {
  const upstream = new URL(target);
  const seen = [];
  const proxy = { seen, behave: () => undefined };

  function forward(request, body) {
    return new Promise((resolve, reject) => {
      const { host: _host, ...headers } = request.headers;
      const options = {
        hostname: upstream.hostname,
        port: upstream.port,
        path: request.url,
        method: request.method,
        headers: { ...headers, host: upstream.host },
      };
      const outgoing = http.request(options, async (reply) => {
        const parts = [];
        for await (const part of reply) parts.push(part);
        resolve({ status: reply.statusCode, headers: reply.headers, body: Buffer.concat(parts) });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  const server = http.createServer(async (request, response) => {
    try {
      const parts = [];
      for await (const part of request) parts.push(part);
      const body = Buffer.concat(parts);
      const entry = { method: request.method, path: request.url, headers: request.headers, body: body.toString() };
      try {
        entry.json = JSON.parse(entry.body);
      } catch {
        entry.json = undefined;
      }
      if (request.method !== "OPTIONS") seen.push(entry);
      const action = request.method === "OPTIONS" ? undefined : await proxy.behave(entry);
      entry.action = action;
      if (action === "refuse") return request.socket.destroy();
      if (action === "hang") return undefined;
      if (action?.status) {
        const cors = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After" };
        response.writeHead(action.status, { ...cors, ...action.headers });
        return response.end(action.body ?? "{}");
      }
      const reply = await forward(request, body);
      entry.reply = { status: reply.status, body: reply.body.toString() };
      if (action === "lose_reply") return request.socket.destroy();
      response.writeHead(reply.status, reply.headers);
      return response.end(reply.body);
    } catch {
      return request.socket.destroy();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.url = `http://127.0.0.1:${server.address().port}`;
  proxy.posts = (path) => seen.filter((entry) => entry.method === "POST" && entry.path.split("?")[0] === path);
  proxy.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return proxy;
}
