//! The canvas over the basemap that our layer draws on. It is not MapLibre's own: so what moves costs a frame of what
//! moves, and the basemap below rests; and when either loses its context, the other one stays.

use wasm_bindgen::prelude::*;
use web_sys::{HtmlCanvasElement, HtmlElement, WebGl2RenderingContext as Gl};

use super::layer::Layer;
use super::objects::LayerError;
use crate::browser::dom::Listener;

/// A transparent canvas of the size of the map.
pub struct Surface {
    canvas: HtmlCanvasElement,
    gl: Gl,
    layer: Option<Layer>,
    /// They go with it: a browser takes contexts from canvases that are no longer in a page, too.
    _listeners: [Listener; 2],
}

/// What the browser does with a canvas' context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextNews {
    /// It took it away.
    Lost,
    /// It gave another.
    Restored,
}

impl Surface {
    /// Puts a canvas over `below`, the map's own one.
    pub fn over(below: &HtmlElement, news: impl Fn(ContextNews) + Clone + 'static) -> Result<Self, LayerError> {
        let no_webgl = || LayerError(text!(board.map.no_webgl).to_owned());
        let document = below.owner_document().ok_or_else(no_webgl)?;
        let canvas: HtmlCanvasElement =
            document.create_element("canvas").ok().and_then(|made| made.dyn_into().ok()).ok_or_else(no_webgl)?;
        canvas.set_class_name("map-items");
        // Screen readers have the list and the table.
        let _ = canvas.set_attribute("aria-hidden", "true");
        let options = js_sys::Object::new();
        for (name, value) in [("alpha", true), ("antialias", false), ("depth", false), ("stencil", false)] {
            let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
        }
        let gl: Gl = canvas
            .get_context_with_context_options("webgl2", &options)
            .ok()
            .flatten()
            .and_then(|made| made.dyn_into().ok())
            .ok_or_else(no_webgl)?;
        below.after_with_node_1(&canvas).map_err(|_| no_webgl())?;
        let listen = |event: &'static str, what: ContextNews| {
            let news = news.clone();
            Listener::new(&canvas, event, move |event| {
                // Without this the browser never gives a context back.
                event.prevent_default();
                news(what);
            })
        };
        let listeners =
            [listen("webglcontextlost", ContextNews::Lost), listen("webglcontextrestored", ContextNews::Restored)];
        let mut surface = Self { canvas, gl, layer: None, _listeners: listeners };
        surface.set_up()?;
        Ok(surface)
    }

    /// Makes everything on the GPU, at first and with each new context. One that is lost again already is not the shaders' fault:
    /// it will be given back, too.
    pub fn set_up(&mut self) -> Result<(), LayerError> {
        if self.gl.is_context_lost() {
            self.layer = None;
            return Ok(());
        }
        self.layer = Some(Layer::new(&self.gl)?);
        Ok(())
    }

    /// What was on the GPU is gone.
    pub fn lose(&mut self) {
        self.layer = None;
    }

    /// The context and the layer, while there is one; the canvas has as many pixels as its place on the screen.
    pub fn ready(&mut self, (width, height): (f64, f64), pixel_ratio: f64) -> Option<(&Gl, &mut Layer)> {
        let layer = self.layer.as_mut()?;
        let pixels = |css: f64| (css * pixel_ratio).round().max(1.0) as u32;
        let (width, height) = (pixels(width), pixels(height));
        if (self.canvas.width(), self.canvas.height()) != (width, height) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
            self.gl.viewport(0, 0, width as i32, height as i32);
        }
        Some((&self.gl, layer))
    }

    /// Takes the canvas away.
    pub fn remove(&self) {
        self.canvas.remove();
    }
}
