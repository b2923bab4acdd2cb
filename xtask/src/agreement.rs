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

/// Bindings of objects by name, with their classes.
fn local_objects(worker: &str, class: impl Fn(&str) -> String) -> BTreeMap<String, String> {
    let lines = worker.lines().filter(|line| line.contains("durableObjectNamespace ="));
    lines.map(|line| (capnp_values(line, "name").remove(0), class(line))).collect()
}

fn deployed_objects(wrangler: &toml::Table, script: Option<&str>) -> BTreeMap<String, String> {
    let bindings = wrangler["durable_objects"]["bindings"].as_array().unwrap();
    bindings
        .iter()
        .map(|binding| {
            assert_eq!(binding.get("script_name").and_then(|name| name.as_str()), script);
            let text = |key: &str| binding[key].as_str().unwrap().to_owned();
            (text("name"), text("class_name"))
        })
        .collect()
}

#[test]
fn the_same_objects_are_bound_locally_and_deployed() {
    let (worker, objects) = (local_worker("worker"), local_worker("objects"));
    let (wrangler, objects_toml) = (toml("wrangler.toml"), toml("worker/objects.toml"));
    let own = local_objects(&objects, |line| capnp_values(line, "durableObjectNamespace").remove(0));
    assert_eq!(own.len(), 3);
    assert_eq!(own, deployed_objects(&objects_toml, None));
    // The worker's are those of the other script.
    let foreign = local_objects(&worker, |line| {
        assert_eq!(capnp_values(line, "serviceName"), ["objects"]);
        line.split("className = \"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    });
    assert_eq!(own, foreign);
    assert_eq!(own, deployed_objects(&wrangler, objects_toml["name"].as_str()));

    let classes: BTreeSet<String> = own.values().cloned().collect();
    let stored: BTreeSet<String> = capnp_values(&objects, "className").into_iter().collect();
    assert_eq!(classes, stored);
    assert_eq!(objects.matches("enableSql = true").count(), classes.len());
    assert!(wrangler.get("migrations").is_none());
    let migrated: BTreeSet<String> = objects_toml["migrations"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|migration| migration["new_sqlite_classes"].as_array().unwrap())
        .map(|class| class.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(classes, migrated);
}

#[test]
fn scripts_are_bound_to_each_other_locally_as_deployed_and_never_in_a_circle() {
    // In the order of deployment: who is bound to something comes after it.
    let scripts = [
        ("transform", "transform/wrangler.toml"),
        ("gate", "worker/gate.toml"),
        ("objects", "worker/objects.toml"),
        ("worker", "wrangler.toml"),
    ];
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
    let objects = deployed.get("heliograph-objects");
    assert_eq!(objects, Some(&"objects"));
}

#[test]
fn the_gate_is_the_workers_script_in_another_role() {
    let (gate, worker) = (toml("worker/gate.toml"), toml("wrangler.toml"));
    assert_eq!(format!("worker/{}", gate["main"].as_str().unwrap()), worker["main"].as_str().unwrap());
    let local = local_worker("gate");
    assert!(local.contains("modules = .edge,") && local_worker("worker").contains("modules = .edge,"));
    let role = gate["vars"]["HELIOGRAPH_ROLE"].as_str().unwrap();
    assert!(local.contains(&format!("(name = \"HELIOGRAPH_ROLE\", text = \"{role}\")")));
    // The public worker must never be asked as the gate is.
    assert!(!local_worker("worker").contains("HELIOGRAPH_ROLE"));
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
    let objects = toml("worker/objects.toml");
    assert!(capnp.contains(&format!("embed \"worker/{}\"", objects["main"].as_str().unwrap())));
}

#[test]
fn the_compatibility_date_is_the_same_everywhere() {
    let local = capnp_values(&read("workerd.capnp"), "compatibilityDate");
    assert_eq!(local, [tools::COMPATIBILITY_DATE; 4]);
    for path in ["wrangler.toml", "worker/gate.toml", "worker/objects.toml", "transform/wrangler.toml"] {
        assert_eq!(toml(path)["compatibility_date"].as_str(), Some(tools::COMPATIBILITY_DATE), "{path}");
    }
}

#[test]
fn the_script_for_jq_is_the_same_locally_and_deployed() {
    let (capnp, second) = (read("workerd.capnp"), toml("transform/wrangler.toml"));
    let main = second["main"].as_str().unwrap();
    assert!(capnp.contains(&format!("(name = \"{main}\", esModule = embed \"transform/{main}\")")));
    let script = read(&format!("transform/{main}"));
    let wasm = script.split("from './").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    assert!(capnp.contains(&format!("(name = \"{wasm}\", wasm = embed \"transform/{wasm}\")")));
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
    assert_eq!(versions("wasm-bindgen"), [tools::WASM_BINDGEN.version]);
    assert_eq!(versions("worker"), [tools::WORKER_BUILD.version]);

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
