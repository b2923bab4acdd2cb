//! SIGINT and SIGTERM as something a command can wait for.

use std::process::ExitCode;

use tokio::sync::watch;

/// The exit code of a command that was interrupted before its work was done.
pub fn interrupted_code() -> ExitCode {
    ExitCode::from(130)
}

/// Tells every part of a command that the user wants it to end.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens for SIGINT and SIGTERM. The first asks the command to finish; the second ends the process at once.
    pub fn listen() -> Self {
        let (tx, rx) = watch::channel(false);
        tokio::spawn(async move {
            signal().await;
            let _ = tx.send(true);
            signal().await;
            std::process::exit(130);
        });
        Self(rx)
    }

    /// One that never comes.
    #[cfg(test)]
    pub fn never() -> Self {
        Self(watch::channel(false).1)
    }

    /// Whether the user has asked to end.
    pub fn requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves once the user asks to end.
    pub async fn wait(&mut self) {
        if self.0.wait_for(|requested| *requested).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
