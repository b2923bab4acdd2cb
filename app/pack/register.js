// Lets the site open without a network (sw.js). Where the server has the same address, pages for frames are there too: those
// must not be controlled, so only boards are.
addEventListener('load', () => {
  if (!navigator.serviceWorker) return;
  const server = document.querySelector('meta[name=heliograph-api]').content;
  // It may be forbidden; the page works without.
  navigator.serviceWorker.register('/sw.js', { scope: server ? '/' : '/b/', updateViaCache: 'none' }).catch(() => {});
});
