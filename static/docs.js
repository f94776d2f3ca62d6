SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  // Without this the viewer asks a server of its makers whether the description is valid.
  validatorUrl: null,
  // The browser already holds the Basic login that this server asked for.
  withCredentials: true,
});
