// As steps.py: a verb and a text on each line of the standard input, "ok" as the answer to each.
const readline = require("node:readline");

exports.settings = JSON.parse(process.argv[2]);

exports.follow = async (verbs) => {
  console.log("ok");
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [verb, ...words] = line.trim().split(" ");
    await verbs[verb](words.join(" "));
    console.log("ok");
  }
};
