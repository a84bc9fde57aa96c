// The client of `ideacard lsp`: it starts the server and shows what it says. Every answer is the server's.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

// What is set, else the environment of the folder, else PATH.
function program() {
  const set = vscode.workspace.getConfiguration("ideacard").get("path");
  if (set) {
    return set;
  }
  const inside = process.platform === "win32" ? ["Scripts", "ideacard.exe"] : ["bin", "ideacard"];
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const found = path.join(folder.uri.fsPath, ".venv", ...inside);
    if (fs.existsSync(found)) {
      return found;
    }
  }
  return "ideacard";
}

async function start() {
  const command = program();
  const run = { command, args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient(
    "ideacard",
    "IdeaCard",
    { run, debug: run },
    { documentSelector: [{ language: "ideacard" }] },
  );
  try {
    await client.start();
  } catch (error) {
    const settings = "Open settings";
    const chosen = await vscode.window.showErrorMessage(
      `IdeaCard: \`${command} lsp\` does not start (${error.message}). ` +
        "Install it (`pip install ideacard`), or say where it is: `ideacard.path`.",
      settings,
    );
    if (chosen === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "ideacard.path");
    }
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running?.isRunning()) {
    await running.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("ideacard.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) =>
      event.affectsConfiguration("ideacard.path") ? restart() : undefined,
    ),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
