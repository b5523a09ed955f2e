'use strict';
// Which replica of a shared port accepts next. The kernel wakes them all and the fastest would take nearly everything; so each replica counts what it
// accepted in a small file that they share (in memory, a slot each), and one that is ahead leaves the port to the others for a moment.
// Nothing depends on the others being well: who waited in vain goes on, and nobody asks or tells anything while no connection comes.

const fs = require('node:fs');

/** A slot: how many connections its replica accepted, and the replica's pid. */
const SLOT_BYTES = 16;
const SLOTS = 128;
/** A replica may be this many connections ahead of the last, and where they come and go fast a part of what it took lately more: resting costs. */
const LEAD = 2;
const LEAD_PART = 1 / 8;
const LATELY_MS = 100;
/** How long a replica leaves the port to others who do not take anything: between these, doubled and halved by experience. */
const PATIENCE_MS = 32;
const LEAST_PATIENCE_MS = 4;
/** Who is this many times its lead behind was away (stopped, or busy for long): what it missed is not made up for. */
const FORGIVEN = 4;
/** A connection that comes this soon after a rest waited for somebody during it. */
const AT_ONCE_MS = 2;

/** The count of replicas that do not accept any more: nobody waits for them. */
const AWAY = Number.POSITIVE_INFINITY;

/** Joins those who share `path`. `pause` and `resume` stop and start accepting. Undefined when the file cannot be used: then everyone takes what comes. */
exports.joinTurns = function joinTurns(path, { pause, resume }) {
  const all = new Float64Array((SLOTS * SLOT_BYTES) / 8);
  const own = new Float64Array(2);
  let fd;
  let slot = 0;
  let patienceMs = PATIENCE_MS;
  let timer;
  /** How many more may be accepted without looking at the others: they never fall back. */
  let credit = 0;
  let resumedAt;
  let lastAt = 0;
  let window = { since: 0, from: 0, before: 0 };
  try {
    fd = fs.openSync(path, 'r+');
    claim();
  } catch {
    return undefined;
  }
  return { accepted, leave };

  /** Takes a free slot. Two that take the same one see it at their next look, as do those who come back to a slot that was given away. */
  function claim() {
    look();
    const free = [];
    let most = 0;
    for (let index = 0; index < SLOTS; index += 1) {
      const pid = all[index * 2 + 1];
      if (pid === process.pid || !isAlive(pid)) free.push(index);
      else if (all[index * 2] !== AWAY) most = Math.max(most, all[index * 2]);
    }
    if (free.length === 0) throw new Error('no slot is free');
    slot = free[Math.floor(Math.random() * Math.min(free.length, 4))];
    own[0] = Math.max(most, own[0]);
    own[1] = process.pid;
    note();
  }

  function look() {
    fs.readSync(fd, all, 0, all.byteLength, 0);
  }

  function note() {
    fs.writeSync(fd, own, 0, own.byteLength, slot * SLOT_BYTES);
  }

  /** How far this replica is ahead of the last of the others. Behind them by more than `missed` it starts afresh beside them. */
  function lead(missed) {
    look();
    if (all[slot * 2 + 1] !== process.pid) claim();
    let least = AWAY;
    let most = 0;
    for (let index = 0; index < SLOTS; index += 1) {
      const count = all[index * 2];
      if (index === slot || all[index * 2 + 1] === 0 || count === AWAY) continue;
      if (count < least) least = count;
      if (count > most) most = count;
    }
    if (most - own[0] > missed) {
      own[0] = most;
      note();
    }
    return least === AWAY ? 0 : own[0] - least;
  }

  /** How far ahead this replica may be now. */
  function allowed(now) {
    const { since, from, before } = window;
    if (now - since > LATELY_MS) window = { since: now, from: own[0], before: now - since < 2 * LATELY_MS ? own[0] - from : 0 };
    return LEAD + Math.floor(LEAD_PART * Math.max(before, own[0] - from));
  }

  /** To be called after each connection. */
  function accepted() {
    try {
      const now = performance.now();
      // After a quiet while old differences count no more, or a burst would go to one replica to make up for them.
      const wasQuiet = now - lastAt > LATELY_MS;
      lastAt = now;
      own[0] += 1;
      note();
      if (resumedAt !== undefined && now - resumedAt < AT_ONCE_MS) patienceMs = Math.max(LEAST_PATIENCE_MS, patienceMs / 2);
      resumedAt = undefined;
      if (wasQuiet) {
        window = { since: now, from: own[0], before: 0 };
        patienceMs = PATIENCE_MS;
      }
      credit -= 1;
      if ((credit > 0 && !wasQuiet) || timer) return;
      const limit = allowed(now);
      credit = limit - lead(wasQuiet ? 0 : FORGIVEN * limit);
      if (credit > 0) return;
      pause();
      rest(1, 0);
    } catch {
      leave();
    }
  }

  function rest(ms, waitedMs) {
    // Not unreferenced: a paused server alone would not keep the program alive.
    timer = setTimeout(() => {
      timer = undefined;
      try {
        const waited = waitedMs + ms;
        const limit = allowed(performance.now());
        credit = limit - lead(FORGIVEN * limit);
        // Coming back for one connection only would cost more than it brings.
        if (credit > limit / 2) patienceMs = Math.min(PATIENCE_MS, patienceMs * 2);
        else if (waited < patienceMs) return rest(Math.min(ms * 2, patienceMs - waited), waited);
        else {
          clearDead();
          resumedAt = performance.now();
        }
      } catch {
        leave();
      }
      resume();
    }, ms);
  }

  function clearDead() {
    const away = new Float64Array(2);
    for (let index = 0; index < SLOTS; index += 1) {
      if (all[index * 2 + 1] !== 0 && !isAlive(all[index * 2 + 1])) fs.writeSync(fd, away, 0, SLOT_BYTES, index * SLOT_BYTES);
    }
  }

  function leave() {
    if (fd === undefined) return;
    clearTimeout(timer);
    own[0] = AWAY;
    try {
      note();
    } catch {
      // The others find out by waiting in vain.
    }
    fs.close(fd, () => {});
    fd = undefined;
  }
};

function isAlive(pid) {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
