//! What is asked of a poller.

use super::{binding, expect_bytes, send, stub};
use crate::deadline::within;
use crate::fault::Answer;
use heliograph_shared::calls::PollerMethod;
use heliograph_shared::limits;
use heliograph_shared::source::SourceName;
use heliograph_shared::source::poll::PollStatus;
use worker::Env;

async fn ask(env: &Env, source: &SourceName, method: PollerMethod) -> Answer<Vec<u8>> {
    let stub = stub(env, binding::POLLER, source.as_str())?;
    let asked = async { expect_bytes(send(stub, method.path(), &[]).await?, method.path()).await };
    within(limits::POLLER_ASK_MILLIS, method.path(), asked).await
}

/// Its source was made, changed or ended.
pub async fn wake(env: &Env, source: &SourceName) -> Answer<()> {
    ask(env, source, PollerMethod::Wake).await.map(drop)
}

/// How it goes.
pub async fn status(env: &Env, source: &SourceName) -> Answer<PollStatus> {
    Ok(serde_json::from_slice(&ask(env, source, PollerMethod::Status).await?)?)
}
