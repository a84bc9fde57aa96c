// An editor's side without a window: loads the extension, gives it a folder, prints what came of it as JSON.
// Usage: node vscode_host.js EXTENSION FOLDER [PATH-SETTING]
"use strict";

const Module = require("node:module");
const { spawn } = require("node:child_process");

const [extension, folder, set] = process.argv.slice(2);
const told = { messages: [], commands: [], started: [] };
const registered = {};

const vscode = {
  workspace: {
    workspaceFolders: [{ uri: { fsPath: folder } }],
    getConfiguration: () => ({ get: () => set ?? "" }),
    onDidChangeConfiguration: () => ({ dispose() {} }),
  },
  window: {
    showErrorMessage: async (text, ...choices) => {
      told.messages.push(text);
      return choices[0];
    },
  },
  commands: {
    registerCommand: (name, run) => {
      registered[name] = run;
      return { dispose() {} };
    },
    executeCommand: async (...words) => told.commands.push(words),
  },
};

// Starts what it is told to and shakes hands with it, as the library does.
class LanguageClient {
  constructor(id, name, server, options) {
    this.run = server.run;
    this.options = options;
  }

  start() {
    return new Promise((resolve, reject) => {
      const child = spawn(this.run.command, this.run.args, { stdio: ["pipe", "pipe", "ignore"] });
      this.child = child;
      child.on("error", reject);
      let text = "";
      child.stdout.on("data", (piece) => {
        text += piece;
        const at = text.indexOf("\r\n\r\n");
        const length = Number(/Content-Length: (\d+)/.exec(text)?.[1]);
        if (at >= 0 && Buffer.byteLength(text.slice(at + 4)) >= length) {
          told.started.push({
            command: this.run.command,
            languages: this.options.documentSelector.map((one) => one.language),
            capabilities: Object.keys(JSON.parse(text.slice(at + 4)).result.capabilities),
          });
          resolve();
        }
      });
      const params = { processId: process.pid, rootUri: null, capabilities: {} };
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
      child.stdin.on("error", () => {});
      child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
  }

  isRunning() {
    return this.child !== undefined && this.child.exitCode === null && this.child.pid !== undefined;
  }

  async stop() {
    this.child.kill();
  }
}

const load = Module._load;
Module._load = (name, ...rest) => {
  if (name === "vscode") return vscode;
  if (name === "vscode-languageclient/node") return { LanguageClient, TransportKind: { stdio: 0 } };
  return load(name, ...rest);
};

(async () => {
  const { activate, deactivate } = require(extension);
  await activate({ subscriptions: [] });
  await registered["ideacard.restart"]();
  await deactivate();
  console.log(JSON.stringify(told));
})();
