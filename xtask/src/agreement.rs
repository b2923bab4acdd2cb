//! Holds the files that must say the same thing to it: `workerd.capnp` runs locally what `wrangler.toml` deploys,
//! and every file that names a tool's version names the one in `tools.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::tools;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(path)).unwrap()
}

fn toml(path: &str) -> toml::Table {
    read(path).parse().unwrap()
}

/// Every `key = "value"` of a Cap'n Proto text whose key is this.
fn capnp_values(text: &str, key: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| line.split(['(', ',']))
        .filter_map(|part| part.trim().strip_prefix(key)?.trim().strip_prefix('='))
        .filter_map(|value| value.trim().strip_prefix('"')?.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// A worker of `workerd.capnp`, by its constant's name.
fn local_worker(name: &str) -> String {
    let capnp = read("workerd.capnp");
    let start = capnp.find(&format!("const {name} :Workerd.Worker")).unwrap();
    capnp[start..].split("\n);").next().unwrap().to_owned()
}

#[test]
fn the_same_objects_are_bound_locally_and_deployed() {
    let (worker, wrangler) = (local_worker("worker"), toml("wrangler.toml"));
    let local: BTreeMap<String, String> = worker
        .lines()
        .filter(|line| line.contains("durableObjectNamespace ="))
        .map(|line| (capnp_values(line, "name").remove(0), capnp_values(line, "durableObjectNamespace").remove(0)))
        .collect();
    let deployed: BTreeMap<String, String> = wrangler["durable_objects"]["bindings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|binding| {
            let text = |key: &str| binding[key].as_str().unwrap().to_owned();
            (text("name"), text("class_name"))
        })
        .collect();
    assert_eq!(local.len(), 4);
    assert_eq!(local, deployed);

    let classes: BTreeSet<String> = local.values().cloned().collect();
    let stored: BTreeSet<String> = capnp_values(&worker, "className").into_iter().collect();
    assert_eq!(classes, stored);
    assert_eq!(worker.matches("enableSql = true").count(), classes.len());
    let migrated: BTreeSet<String> = wrangler["migrations"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|migration| migration["new_sqlite_classes"].as_array().unwrap())
        .map(|class| class.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(classes, migrated);
}

#[test]
fn scripts_are_bound_to_each_other_locally_as_deployed() {
    // In the order of deployment: who is bound to something comes after it.
    let scripts = [("transform", "transform/wrangler.toml"), ("worker", "wrangler.toml")];
    let mut deployed: BTreeMap<String, &str> = BTreeMap::new();
    for (name, path) in scripts {
        let (wrangler, worker) = (toml(path), local_worker(name));
        for service in wrangler.get("services").and_then(|list| list.as_array()).into_iter().flatten() {
            let local = deployed.get(service["service"].as_str().unwrap()).unwrap();
            let binding = service["binding"].as_str().unwrap();
            assert!(worker.contains(&format!("(name = \"{binding}\", service = \"{local}\")")), "{path}");
        }
        let bound = worker.matches(", service = ").count() - usize::from(wrangler.contains_key("assets"));
        let services = wrangler.get("services").and_then(|list| list.as_array()).map_or(0, Vec::len);
        assert_eq!(bound, services, "{path}");
        // Only the worker has an address.
        assert_eq!(wrangler["workers_dev"].as_bool(), Some(name == "worker"), "{path}");
        deployed.insert(wrangler["name"].as_str().unwrap().to_owned(), name);
    }
}

#[test]
fn what_is_for_tests_counts_only_locally() {
    assert!(local_worker("worker").contains("(name = \"HELIOGRAPH_RUNTIME\", text = \"workerd\")"));
    let wrangler = read("wrangler.toml");
    for name in ["HELIOGRAPH_RUNTIME", "HELIOGRAPH_VIEWERS_PER_RELAY", "HELIOGRAPH_AWS_ORIGIN"] {
        assert!(!wrangler.contains(name), "{name}");
    }
}

#[test]
fn the_same_site_and_script_are_served() {
    let capnp = read("workerd.capnp");
    let wrangler = toml("wrangler.toml");
    let assets = &wrangler["assets"];
    assert!(capnp.contains(&format!("(name = \"{}\", service = \"site\")", assets["binding"].as_str().unwrap())));
    assert!(
        capnp.contains(&format!("(name = \"site\", disk = (path = \"{}\"))", assets["directory"].as_str().unwrap()))
    );
    assert_eq!(assets["run_worker_first"].as_bool(), Some(true));
    let main = wrangler["main"].as_str().unwrap();
    assert!(capnp.contains(&format!("embed \"{main}\"")));
}

#[test]
fn the_compatibility_date_is_the_same_everywhere() {
    let local = capnp_values(&read("workerd.capnp"), "compatibilityDate");
    assert_eq!(local, [tools::COMPATIBILITY_DATE; 2]);
    for path in ["wrangler.toml", "transform/wrangler.toml"] {
        assert_eq!(toml(path)["compatibility_date"].as_str(), Some(tools::COMPATIBILITY_DATE), "{path}");
    }
}

#[test]
fn the_compatibility_flags_are_the_same_locally_and_deployed() {
    let wrangler = toml("wrangler.toml");
    let flags = wrangler["compatibility_flags"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap());
    let listed = flags.map(|flag| format!("\"{flag}\"")).collect::<Vec<_>>().join(", ");
    assert!(local_worker("worker").contains(&format!("compatibilityFlags = [{listed}],")));
}

#[test]
fn the_script_for_jq_is_the_same_locally_and_deployed() {
    let (capnp, second) = (read("workerd.capnp"), toml("transform/wrangler.toml"));
    let main = second["main"].as_str().unwrap();
    assert!(capnp.contains(&format!("(name = \"{main}\", esModule = embed \"transform/{main}\")")));
    let script = read(&format!("transform/{main}"));
    let modules: Vec<&str> = script.split("from './").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    assert_eq!(modules.len(), 2, "jq, and what draws pictures");
    for wasm in modules {
        assert!(capnp.contains(&format!("(name = \"{wasm}\", wasm = embed \"transform/{wasm}\")")));
    }
}

#[test]
fn no_secret_is_deployed_from_a_file() {
    let wrangler = toml("wrangler.toml");
    assert!(wrangler.get("vars").is_none());
    for secret in ["HELIOGRAPH_ADMIN_KEY", "HELIOGRAPH_SIGNING_KEY"] {
        let from_environment = format!("(name = \"{secret}\", fromEnvironment = \"{secret}\")");
        assert!(read("workerd.capnp").contains(&from_environment));
    }
}

#[test]
fn tools_versions_are_those_of_the_locks() {
    let lock = toml("Cargo.lock");
    let versions = |name: &str| -> Vec<&str> {
        let packages = lock["package"].as_array().unwrap();
        let named = packages.iter().filter(|package| package["name"].as_str() == Some(name));
        named.map(|package| package["version"].as_str().unwrap()).collect()
    };
    for package in ["wasm-bindgen", "wasm-bindgen-cli-support", "heliograph-bindgen"] {
        assert_eq!(versions(package), [tools::WASM_BINDGEN.version], "{package}");
    }

    let package: Value = serde_json::from_str(&read("package.json")).unwrap();
    let npm_lock: Value = serde_json::from_str(&read("package-lock.json")).unwrap();
    for (name, version) in [("workerd", tools::WORKERD), ("esbuild", tools::ESBUILD), ("binaryen", tools::BINARYEN)] {
        assert_eq!(package["devDependencies"][name], version, "{name}");
        let locked = &npm_lock["packages"][format!("node_modules/{name}")];
        assert_eq!(locked["version"], version, "{name}");
    }

    let trunk = toml("Trunk.toml");
    let wanted = format!("={}", tools::TRUNK.version);
    assert_eq!(trunk["trunk-version"].as_str(), Some(&*wanted));
    let tools_of_trunk = &trunk["tools"];
    assert_eq!(tools_of_trunk["wasm_bindgen"].as_str(), Some(tools::WASM_BINDGEN.version));
    let binaryen = tools::BINARYEN.split('.').next().unwrap();
    let wanted = format!("version_{binaryen}");
    assert_eq!(tools_of_trunk["wasm_opt"].as_str(), Some(&*wanted));
}

#[test]
fn the_site_and_the_worker_stay_on_the_crates_they_are_made_of() {
    let site = ["leptos", "wasm-bindgen", "web-sys", "gloo-net", "serde"];
    let worker = ["worker", "wasm-bindgen", "web-sys", "serde-wasm-bindgen", "serde"];
    for (of, crates) in [("app", site), ("worker", worker)] {
        let manifest = toml(&format!("{of}/Cargo.toml"));
        for name in crates {
            assert!(manifest["dependencies"].as_table().unwrap().contains_key(name), "{of} without {name}");
        }
    }
}

#[test]
fn npm_packages_are_pinned_and_the_lock_names_no_registry() {
    let package: Value = serde_json::from_str(&read("package.json")).unwrap();
    for (name, version) in package["devDependencies"].as_object().unwrap() {
        // A package may count its own releases behind the version of what it packs: 1.5.5-r.5.
        let number = version.as_str().unwrap().split('-').next().unwrap();
        let exact = number.split('.').all(|number| number.parse::<u32>().is_ok());
        assert!(exact, "{name} is not pinned: {version}");
    }
    let lock = read("package-lock.json");
    assert!(!lock.contains("\"resolved\""), "run npm install with this folder's .npmrc");
}
