// Node's own modules, imported in a way that every bundler understands: an app that bundles its Electron main
// process keeps these imports as they are. Only the builds for Node include this file (tools/build.mjs).
import * as child_process from "node:child_process";
import * as fs from "node:fs";
import * as module from "node:module";
import * as os from "node:os";
import * as path from "node:path";

export const nodeBuiltins = { child_process, fs, module, os, path };
