#!/bin/sh
# xterm.js answers "column 21" to who asks for the cursor on a screen of 20 columns.
#
# Behaviour: after a character in the last column the cursor stays there, and the next character wraps.
#   While it waits, xterm.js reports (CSI 6 n) the column after the last, which doesn't exist. One step
#   back (CSI D) from there is reported as two: from 21 to 19. Going to the reported place (CSI 1;21 H)
#   leads to another: 20, and the next character no longer wraps.
# Expected: DEC's terminals keep the cursor in the last column until the next character comes, and report
#   that column (DEC STD 070, appendix D, as told in the README of mattiase/wraptest); xterm 379 answers
#   20, 19, 20 to the last three below. xterm.js' own list of sequences (vtfeatures) has CSI 6 n as
#   supported. Of its API alone, buffer.cursorX, it says that it may be one more.
# Why it matters: a program that takes the answer as an index into its own 20 columns is out of bounds, only
#   after a full line. VS Code's terminal is made of this library. (tmux 3.3a answers 21, too.)
# Versions: @xterm/headless 6.0.0 (npm); Node.js 20.
# Seen (the answer, for 20 columns):
#   19 characters:             1;20
#   20 characters:             1;21
#   20 characters, one back:   1;19
#   20 characters, go to 1;21: 1;20
set -eu
for need in node npm; do
    command -v "$need" >/dev/null || { echo "needs $need" >&2; exit 2; }
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --silent --no-fund --no-audit @xterm/headless@6.0.0 >/dev/null ||
    { echo "the package can't be had here" >&2; exit 2; }
cat > ask.js <<'JS'
const { Terminal } = require("@xterm/headless");

/** Prints where the terminal says that these bytes leave the cursor. */
async function ask(name, bytes) {
    const terminal = new Terminal({ cols: 20, rows: 5 });
    const answer = new Promise((told) => terminal.onData(told));
    terminal.write(bytes + "\x1b[6n");
    console.log(`${name}:`.padEnd(26), (await answer).slice(2, -1));
}

(async () => {
    await ask("19 characters", "x".repeat(19));
    await ask("20 characters", "x".repeat(20));
    await ask("20 characters, one back", "x".repeat(20) + "\x1b[D");
    await ask("20 characters, go to 1;21", "x".repeat(20) + "\x1b[1;21H");
})();
JS
node ask.js | tee seen
diff - seen >/dev/null <<'ANSWERS' || { echo "it answers otherwise now" >&2; exit 1; }
19 characters:             1;20
20 characters:             1;21
20 characters, one back:   1;19
20 characters, go to 1;21: 1;20
ANSWERS
echo "as found: a column that the screen doesn't have"
