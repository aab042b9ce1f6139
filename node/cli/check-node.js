// Runs before installation, so it must stay plain JavaScript that any Node can parse.
// Below 20.19 npm silently leaves out platform packages (anvil, forge, oxlint) that the project needs.
var parts = process.versions.node.split('.').map(Number);
if (parts[0] < 20 || (parts[0] === 20 && parts[1] < 19)) {
  console.error(
    'BitScale needs Node.js 20.19 or newer to install; this is ' +
      process.version +
      '. Get a newer one from https://nodejs.org and run the command again.',
  );
  process.exit(1);
}
