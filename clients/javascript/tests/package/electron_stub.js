// Stands in for the `electron` module in packages.sh.
const { EventEmitter } = require("node:events");

const app = new EventEmitter();
app.getPath = () => globalThis.userData;
app.getVersion = () => "0.9.51";
module.exports = { app };
