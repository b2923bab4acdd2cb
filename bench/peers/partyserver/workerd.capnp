# How `cargo xtask bench feed` runs the partyserver peer, on the same workerd as our worker. `bundle.js` is made from
# server.js by esbuild, next to a copy of this file in .heliograph/bench.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "do", disk = (path = ".", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "bundle.js", esModule = embed "bundle.js")],
  compatibilityDate = "2026-10-20",
  bindings = [(name = "BOARD", durableObjectNamespace = "Board")],
  durableObjectNamespaces = [(className = "Board", uniqueKey = "bench-Board", enableSql = true)],
  durableObjectStorage = (localDisk = "do"),
);
