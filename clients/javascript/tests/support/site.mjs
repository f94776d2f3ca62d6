// A website on loopback: any path answers with the page, /js/ with the clients' files.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const root = new URL("../../dist/", import.meta.url);

/** page(path) -> HTML. */
export async function startSite(page) {
  const site = { page };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname.startsWith("/js/")) {
      response.writeHead(200, { "Content-Type": "text/javascript" });
      return response.end(readFileSync(new URL(pathname.slice(4), root)));
    }
    if (pathname === "/favicon.ico") return response.writeHead(204).end();
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...site.headers });
    return response.end(site.page(pathname));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  site.url = `http://localhost:${server.address().port}`;
  site.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return site;
}
