//! The layers of a map in a frame: as its address has them, loaded with the token that the frame has.

use heliograph_shared::layers::style::MapLayer;
use heliograph_shared::problem::Code;

use crate::board::map::layers::{Asked, Layers, Why};
use crate::browser::percent::encode;
use crate::embed::ask;
use crate::embed::open::Latest;

/// Those of a config.
pub fn of(board: &str, layers: Vec<MapLayer>, named: Option<&[String]>, token: Latest) -> Layers {
    let below = format!("/v1/boards/{}/", encode(board));
    let ask = move |path: &str| -> Asked {
        let (path, token) = (below.clone() + path, token.borrow().clone());
        Box::pin(async move { ask::read(&path, token.as_deref()).await.map_err(why) })
    };
    // What is switched here is for who looks: the address is the page's around.
    Layers::new(layers, named, ask, |_| ())
}

fn why(status: u16) -> Why {
    match status {
        0 => Why::Failed(text!(client.http.unreachable).to_owned()),
        status if status == Code::NotFound.status() => Why::Missing,
        status => Why::Failed(text!(client.http.answered, status = status)),
    }
}
