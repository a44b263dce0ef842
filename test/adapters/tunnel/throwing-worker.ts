/** A client that fails outside of everything that is awaited. */
setTimeout(() => {
  throw new Error('no listener hears this');
}, 5);
