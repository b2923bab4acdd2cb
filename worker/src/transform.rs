//! The script that runs jq programs and draws pictures (crates `transform` and `picture`): a service that this one is bound to.

use crate::calls::{self, binding};
use crate::fault::{Answer, Fault};
use heliograph_shared::calls::TRANSFORM_VERSION;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, Problem};
use worker::Env;

/// What a program yields for one input: values as JSON, a line each, or a sentence that says why it yields none.
pub type Yield = Result<Vec<u8>, String>;

/// Runs a program on inputs, JSON values one after the other. The outer error is about the program as a whole: it does
/// not compile, or it takes more work or memory than there is.
pub async fn run(env: &Env, program: &str, inputs: &[u8], values: usize) -> Answer<Result<Vec<Yield>, String>> {
    let mut request = Vec::with_capacity(13 + program.len() + inputs.len());
    request.push(TRANSFORM_VERSION);
    for n in [values, limits::JQ_OUTPUT_BYTES, program.len()] {
        request.extend((n as u32).to_le_bytes());
    }
    request.extend(program.as_bytes());
    request.extend(inputs);
    let unavailable = |e: Fault| {
        log_error!("the script for jq: {e:?}");
        let detail = "jq programs can't be run at the moment; nothing was taken";
        Fault::Problem(Problem::new(Code::TransformUnavailable, detail).retry_after(5))
    };
    let service = env.service(binding::TRANSFORM).map_err(|e| unavailable(e.into()))?;
    let answer = calls::service(service, "jq", &request).await.map_err(unavailable)?;
    match answer.split_first() {
        Some((0, frames)) => frames_of(frames).map(Ok).ok_or_else(|| Fault::Internal("a jq answer is cut off".into())),
        Some((_, why)) => Ok(Err(String::from_utf8_lossy(why).into_owned())),
        None => Err(Fault::Internal("the script for jq answered nothing".into())),
    }
}

fn frames_of(mut rest: &[u8]) -> Option<Vec<Yield>> {
    let mut list = Vec::new();
    while let Some((tag, after)) = rest.split_first() {
        let (length, after) = after.split_first_chunk::<4>()?;
        let (bytes, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let failed = || String::from_utf8_lossy(bytes).into_owned();
        list.push(if *tag == 0 { Ok(bytes.to_vec()) } else { Err(failed()) });
        rest = after;
    }
    Some(list)
}

/// Makes a PNG of a picture ([`heliograph_shared::preview`]).
pub async fn picture(env: &Env, svg: &[u8]) -> Answer<Vec<u8>> {
    let request = [&[TRANSFORM_VERSION], svg].concat();
    let unavailable = |e: Fault| {
        log_error!("the script that draws: {e:?}");
        Fault::Problem(Problem::new(Code::TransformUnavailable, "pictures can't be drawn at the moment").retry_after(5))
    };
    let service = env.service(binding::TRANSFORM).map_err(|e| unavailable(e.into()))?;
    let answer = calls::service(service, "picture", &request).await.map_err(unavailable)?;
    match answer.split_first() {
        Some((0, png)) => Ok(png.to_vec()),
        Some((_, why)) => Err(Fault::Internal(format!("a picture is not drawn: {}", String::from_utf8_lossy(why)))),
        None => Err(Fault::Internal("the script that draws answered nothing".into())),
    }
}

/// Whether a program compiles; the error says where it is wrong.
pub async fn check(env: &Env, program: &str) -> Answer<Result<(), String>> {
    Ok(run(env, program, b"", 0).await?.map(drop))
}

/// Gives a JSON body the shape that a program makes of it. Several values become an array.
pub async fn shape(env: &Env, program: &str, body: &[u8]) -> Answer<Vec<u8>> {
    let failed = |why: &str| Fault::problem(Code::JqFailed, format!("the view's jq program failed: {why}"));
    let yields = run(env, program, body, limits::JQ_VIEW_VALUES).await?.map_err(|why| failed(&why))?;
    let lines = match yields.into_iter().next() {
        Some(Ok(lines)) => lines,
        Some(Err(why)) => return Err(failed(&why)),
        None => return Err(failed("it was given nothing")),
    };
    if lines.is_empty() {
        return Ok(b"null".to_vec());
    }
    if !lines.contains(&b'\n') {
        return Ok(lines);
    }
    let mut list = vec![b'['];
    // A line break inside a text is written as \n: each line is one value.
    list.extend(lines.iter().map(|b| if *b == b'\n' { b',' } else { *b }));
    list.push(b']');
    Ok(list)
}
