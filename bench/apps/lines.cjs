// Writes LINES lines of 100 bytes, numbered, and exits at once.
const lines = Number(process.env.LINES);
for (let index = 0; index < lines; index += 1) console.log(String(index).padStart(10, '0') + ' '.padEnd(89, 'x'));
