//! How the other scripts ask and are answered.
//!
//! A request begins with one byte, its version, which `index.js` checks and takes away. The rest is, little-endian: `u32` values at most for one input, `u32` bytes at most for all, `u32` length of the
//! program, the program, and then the inputs as JSON values one after the other. No inputs: the program is only checked.
//!
//! An answer is one byte, 0 or 1. After 1 comes a sentence: the program does not compile. After 0 comes, for each
//! input, one byte, a `u32` length and so many bytes: after 0 the values that the program yields, a line each; after 1
//! a sentence that says why it yields none.

use crate::program::{Limits, Program, inputs};
use std::collections::HashMap;
use std::rc::Rc;

/// Programs that one instance remembers, compiled.
const REMEMBERED: usize = 64;

/// Compiled programs by their text.
#[derive(Default)]
pub struct Programs(HashMap<String, Rc<Program>>);

impl Programs {
    fn get(&mut self, code: &str) -> Result<Rc<Program>, String> {
        if let Some(known) = self.0.get(code) {
            return Ok(known.clone());
        }
        let program = Rc::new(Program::compile(code)?);
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert(code.to_owned(), program.clone());
        Ok(program)
    }

    /// Answers a request.
    pub fn answer(&mut self, request: &[u8]) -> Vec<u8> {
        let Some((limits, code, json)) = parse(request) else {
            return refusal("the request is cut off or its program is not UTF-8");
        };
        match self.get(code) {
            Ok(program) => run(&program, limits, json),
            Err(why) => refusal(&why),
        }
    }
}

fn refusal(why: &str) -> Vec<u8> {
    let mut out = vec![1];
    out.extend(why.as_bytes());
    out
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*head) as usize, rest))
}

fn parse(request: &[u8]) -> Option<(Limits, &str, &[u8])> {
    let (outputs, rest) = number(request)?;
    let (bytes, rest) = number(rest)?;
    let (length, rest) = number(rest)?;
    let (code, json) = rest.split_at_checked(length)?;
    Some((Limits { outputs, bytes }, std::str::from_utf8(code).ok()?, json))
}

fn run(program: &Program, limits: Limits, json: &[u8]) -> Vec<u8> {
    let mut out = vec![0];
    // What is counted is the values, not the lengths before them.
    let mut left = limits.bytes;
    for input in inputs(json) {
        let head = out.len();
        out.extend([0; 5]);
        let begin = out.len();
        let broken = input.is_err();
        let done = input.and_then(|value| program.run(value, limits.outputs, begin + left, &mut out));
        if let Err(why) = done {
            if let Some(tag) = out.get_mut(head) {
                *tag = 1;
            }
            out.extend(why.as_bytes());
        } else {
            left -= (out.len() - begin).min(left);
        }
        let length = ((out.len() - begin) as u32).to_le_bytes();
        if let Some(place) = out.get_mut(head + 1..begin) {
            place.copy_from_slice(&length);
        }
        // What follows something that is no JSON can't be told apart.
        if broken {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests;
