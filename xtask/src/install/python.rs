//! Python packages that only tests need, each lot in an environment of its own.

use std::fs;
use std::path::{Path, PathBuf};

use super::version_of;
use crate::error::{Explain, Outcome};
use crate::process;
use crate::steps::{self, Done};
use crate::tools;
use crate::workspace::Workspace;

/// In the folder of a Python environment, once all its packages are there.
const INSTALLED: &str = "installed";

/// Where the fuzzer of the API's description is, in a Python environment of its own.
pub fn schemathesis_program(workspace: &Workspace) -> PathBuf {
    workspace.tools.join(format!("schemathesis-{}/bin/schemathesis", tools::SCHEMATHESIS))
}

/// Installs it where there is Python. Without it the API is tested all the same, only not with made-up requests.
pub fn schemathesis(workspace: &Workspace) -> Outcome {
    let program = schemathesis_program(workspace);
    let folder = workspace.tools.join(format!("schemathesis-{}", tools::SCHEMATHESIS));
    let package = format!("schemathesis=={}", tools::SCHEMATHESIS);
    python_packages(workspace, "schemathesis", (&folder, &program), &[&package], "the API is not fuzzed")
}

/// Python with the readers of Arrow and Parquet, if they are installed.
pub fn column_readers_python(workspace: &Workspace) -> Option<PathBuf> {
    let folder = column_readers_folder(workspace);
    folder.join(INSTALLED).is_file().then(|| folder.join("bin/python"))
}

fn column_readers_folder(workspace: &Workspace) -> PathBuf {
    workspace.tools.join(format!("readers-{}", tools::COLUMN_READERS.join("-").replace("==", "-")))
}

/// Installs them where there is Python. Without it the files are read by DuckDB for Node.js alone.
pub fn column_readers(workspace: &Workspace) -> Outcome {
    let folder = column_readers_folder(workspace);
    let without = "Parquet is read by DuckDB alone";
    python_packages(workspace, "column readers", (&folder, &folder.join(INSTALLED)), &tools::COLUMN_READERS, without)
}

/// Python with the libraries of sources' senders, if they are installed.
pub fn source_clients_python(workspace: &Workspace) -> Option<PathBuf> {
    let folder = source_clients_folder(workspace);
    folder.join(INSTALLED).is_file().then(|| folder.join("bin/python"))
}

fn source_clients_folder(workspace: &Workspace) -> PathBuf {
    workspace.tools.join(format!("clients-{}", tools::SOURCE_CLIENTS.join("-").replace("==", "-")))
}

/// Installs them where there is Python.
pub fn source_clients(workspace: &Workspace) -> Outcome {
    let folder = source_clients_folder(workspace);
    let without = "sources are sent what our own tests write alone";
    python_packages(workspace, "source clients", (&folder, &folder.join(INSTALLED)), &tools::SOURCE_CLIENTS, without)
}

/// Python with what checks and deploys the template for AWS, if it is installed.
pub fn aws_template_python(workspace: &Workspace) -> Option<PathBuf> {
    let folder = aws_template_folder(workspace);
    folder.join(INSTALLED).is_file().then(|| folder.join("bin/python"))
}

fn aws_template_folder(workspace: &Workspace) -> PathBuf {
    let packages = tools::AWS_TEMPLATE.join("-").replace("[server]", "").replace("==", "-");
    workspace.tools.join(format!("aws-template-{packages}"))
}

/// Installs it where there is Python.
pub fn aws_template(workspace: &Workspace) -> Outcome {
    let folder = aws_template_folder(workspace);
    let without = "the template for AWS is not deployed";
    python_packages(workspace, "AWS template", (&folder, &folder.join(INSTALLED)), &tools::AWS_TEMPLATE, without)
}

/// Python with what our Python client is made of, if it is installed.
pub fn client_python(workspace: &Workspace) -> Option<PathBuf> {
    let folder = client_folder(workspace);
    folder.join(INSTALLED).is_file().then(|| folder.join("bin/python"))
}

fn client_folder(workspace: &Workspace) -> PathBuf {
    workspace.tools.join(format!("client-{}", tools::PYTHON_CLIENT.join("-").replace("==", "-")))
}

/// Installs it where there is Python.
pub fn client(workspace: &Workspace) -> Outcome {
    let folder = client_folder(workspace);
    let without = "the Python client is not tested";
    python_packages(workspace, "Python client", (&folder, &folder.join(INSTALLED)), &tools::PYTHON_CLIENT, without)
}

/// Installs packages into a Python environment in `folder`. When all of them are there, so is the file `whole`.
fn python_packages(
    workspace: &Workspace,
    name: &str,
    (folder, whole): (&Path, &Path),
    packages: &[&str],
    without: &str,
) -> Outcome {
    let skip = |why: &str| {
        steps::say(&format!("  {name:<23} {why}: {without}"));
        Ok(())
    };
    if !whole.is_file() && version_of("python3").is_none() {
        return skip("there is no python3");
    }
    let installed = steps::step(name, || {
        if whole.is_file() {
            return Ok(Done::Fresh);
        }
        let mut command = workspace.command("python3");
        command.args(["-m", "venv", "--clear"]).arg(folder);
        steps::run(workspace, "python environment", &mut command)?;
        let mut command = workspace.command(folder.join("bin/pip"));
        command.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages);
        steps::run(workspace, name, &mut command)?;
        if !whole.is_file() {
            fs::write(whole, "").explain(|| format!("can't write {}", whole.display()))?;
        }
        Ok(Done::Did("installed"))
    });
    process::check_stopped()?;
    installed.or_else(|failure| skip(&failure.to_string()))
}
