//! What ends a command early, and the exit code it ends with.

use std::process::ExitCode;

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The command line asks for something that makes no sense; exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The input, the server or the network said no; exit code 1.
    #[error("{0}")]
    Failed(String),
    /// Nobody answered, or not now; trying again may help. Exit code 1.
    #[error("{0}")]
    Away(String),
}

impl CliError {
    /// A failure with this message.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    /// A usage error with this message.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// Whether trying again later may help.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Away(_))
    }

    /// The process exit code that belongs to this error.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) | Self::Away(_) => ExitCode::from(1),
        }
    }
}
