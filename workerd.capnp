# How the worker runs on a machine of one's own: `workerd serve workerd.capnp`, which `cargo xtask up` calls with
# the port (--socket-addr http=...) and the data folder (--directory-path do=...) of its choice.
# The platform's side of the same is wrangler.toml; a test compares the two.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    # Routes and Durable Objects.
    (name = "main", worker = .worker),
    # Runs jq programs: no bindings, no network, no storage.
    (name = "transform", worker = .transform),
    # The Durable Objects' SQLite databases.
    (name = "do", disk = (path = ".heliograph/data/do", writable = true)),
    # The site. A disk answers without content types: the worker sets them.
    (name = "site", disk = (path = "dist")),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "entry/index.js", esModule = embed "worker/entry/index.js"),
    (name = "entry/queue.js", esModule = embed "worker/entry/queue.js"),
    (name = "entry/runtime.js", esModule = embed "worker/entry/runtime.js"),
    (name = "build/index.js", esModule = embed "worker/build/index.js"),
    (name = "build/index_bg.wasm", wasm = embed "worker/build/index_bg.wasm"),
  ],
  compatibilityDate = "2026-10-20",
  compatibilityFlags = ["no_web_socket_compression"],
  bindings = [
    (name = "BOARD", durableObjectNamespace = "Board"),
    (name = "RELAY", durableObjectNamespace = "Relay"),
    (name = "REGISTRY", durableObjectNamespace = "Registry"),
    (name = "POLLER", durableObjectNamespace = "Poller"),
    (name = "ASSETS", service = "site"),
    (name = "TRANSFORM", service = "transform"),
    # Secrets come from the environment and are in no file of the repository.
    (name = "HELIOGRAPH_ADMIN_KEY", fromEnvironment = "HELIOGRAPH_ADMIN_KEY"),
    (name = "HELIOGRAPH_SIGNING_KEY", fromEnvironment = "HELIOGRAPH_SIGNING_KEY"),
    # Reads /metrics and nothing else (docs/metrics.md).
    (name = "HELIOGRAPH_SCRAPE_TOKEN", fromEnvironment = "HELIOGRAPH_SCRAPE_TOKEN"),
    # Where measurements are pushed by OTLP, and headers that go with them (docs/metrics.md).
    (name = "HELIOGRAPH_OTLP_ENDPOINT", fromEnvironment = "HELIOGRAPH_OTLP_ENDPOINT"),
    (name = "HELIOGRAPH_OTLP_HEADERS", fromEnvironment = "HELIOGRAPH_OTLP_HEADERS"),
    # off, or the seconds between two reports of the board on which the deployment watches itself (docs/health.md).
    (name = "HELIOGRAPH_HEALTH_BOARD", fromEnvironment = "HELIOGRAPH_HEALTH_BOARD"),
    # The keys of the object storage that boards deliver to; further ones are further lines (docs/warehouse.md).
    (name = "ARCHIVE_DEFAULT", fromEnvironment = "ARCHIVE_DEFAULT"),
    # For development: `allow` lets boards name http addresses and hosts of private networks.
    (name = "HELIOGRAPH_PRIVATE_TARGETS", fromEnvironment = "HELIOGRAPH_PRIVATE_TARGETS"),
    # For tests: viewers that a relay holds, and what stands in for AWS (https://host:port) where deliveries name an address
    # of it. They count only beside the line below, which belongs in this file alone.
    (name = "HELIOGRAPH_VIEWERS_PER_RELAY", fromEnvironment = "HELIOGRAPH_VIEWERS_PER_RELAY"),
    (name = "HELIOGRAPH_AWS_ORIGIN", fromEnvironment = "HELIOGRAPH_AWS_ORIGIN"),
    (name = "HELIOGRAPH_RUNTIME", text = "workerd"),
  ],
  durableObjectNamespaces = [
    (className = "Board", uniqueKey = "heliograph-Board", enableSql = true),
    (className = "Relay", uniqueKey = "heliograph-Relay", enableSql = true),
    (className = "Registry", uniqueKey = "heliograph-Registry", enableSql = true),
    (className = "Poller", uniqueKey = "heliograph-Poller", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "do"),
);

const transform :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "transform/index.js"),
    (name = "build/transform.wasm", wasm = embed "transform/build/transform.wasm"),
    (name = "build/picture.wasm", wasm = embed "transform/build/picture.wasm"),
  ],
  compatibilityDate = "2026-10-20",
);
