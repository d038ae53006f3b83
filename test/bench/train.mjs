// `npm run bench:train [-- part]`: speed (samples a second beside the peers'; without a word), or another part in `train/`:
// cache, replay, simplify. Alone on the machine, or the ratios mean nothing.
const [part = "speed"] = process.argv.slice(2)
await import(`./train/${part}.mjs`)
process.exit()
