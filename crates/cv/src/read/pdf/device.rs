//! Records the glyphs, filled shapes and images that a page's drawing instructions produce.
//!
//! Renders nothing and decodes no image.

use std::collections::HashMap;

use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask,
    font::{Glyph as FontGlyph, GlyphRun, PositionedGlyph},
    hayro_cmap::BfString,
    kurbo::{Affine, BezPath, Point, Rect, Shape},
};

use super::{glyph::Glyph, table::Rulings, weight};

/// A filled shape or an image.
pub struct Fill {
    /// The outline on the page.
    pub path: BezPath,
    /// Its bounding box within the clip.
    pub area: Rect,
    /// Its color; `None` for patterns and images.
    pub color: Option<[u8; 3]>,
    /// Whether it covers everything below it.
    pub opaque: bool,
    /// Its position in the drawing order of the page.
    pub order: usize,
}

/// The recorded drawing of a page.
pub struct Canvas {
    /// The glyphs in drawing order.
    pub glyphs: Vec<Glyph>,
    /// Shapes and images that are large enough to lie behind or over a glyph.
    pub fills: Vec<Fill>,
    /// The areas of shapes that may be letters drawn as outlines.
    pub outlines: Vec<Rect>,
    /// The areas of the images.
    pub images: Vec<Rect>,
    /// The thin straight lines.
    pub rulings: Rulings,
    /// Whether there were more glyphs than allowed.
    pub overflow: bool,
    max_glyphs: usize,
    clips: Vec<Rect>,
    opacities: Vec<f64>,
    order: usize,
    bold: HashMap<u128, bool>,
}

/// The maximum number of recorded shapes; further ones are ignored.
const MAX_FILLS: usize = 20_000;

impl Canvas {
    /// Creates a canvas for a page of that size that records at most `max_glyphs` glyphs.
    pub fn new(page: Rect, max_glyphs: usize) -> Self {
        Self {
            glyphs: Vec::new(),
            fills: Vec::new(),
            outlines: Vec::new(),
            images: Vec::new(),
            rulings: Rulings::default(),
            overflow: false,
            max_glyphs,
            // Larger than the page, so that text outside the page does not count as clipped.
            clips: vec![page.inflate(1e6, 1e6)],
            opacities: vec![1.0],
            order: 0,
            bold: HashMap::new(),
        }
    }

    fn clip(&self) -> Rect {
        self.clips.last().copied().unwrap_or_default()
    }

    fn opacity(&self) -> f64 {
        self.opacities.last().copied().unwrap_or(1.0)
    }

    fn next_order(&mut self) -> usize {
        self.order += 1;
        self.order
    }

    fn is_bold(&mut self, glyph: &PositionedGlyph<'_>) -> bool {
        let FontGlyph::Outline(outline) = &**glyph else {
            return false;
        };
        let key = outline.identifier().cache_key();
        *self.bold.entry(key).or_insert_with(|| weight::is_bold(outline))
    }

    fn fill(&mut self, path: BezPath, opaque: bool, color: Option<[u8; 3]>) {
        let order = self.next_order();
        let area = path.bounding_box().intersect(self.clip());
        self.rulings.add_shape(area);
        if color.is_some() && is_lettering(&path, area) && self.outlines.len() < MAX_FILLS {
            self.outlines.push(area);
            return;
        }
        if area.width() >= 2.0 && area.height() >= 2.0 && self.fills.len() < MAX_FILLS {
            self.fills.push(Fill { path, area, color, opaque, order });
        }
    }
}

impl<'a> Device<'a> for Canvas {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        let (color, alpha) = color_of(&props.paint);
        let alpha = alpha * self.opacity();
        if alpha < 0.1 {
            return;
        }
        let plain = matches!(props.blend_mode, BlendMode::Normal) && props.soft_mask.is_none();
        let opaque = plain && alpha > 0.95;
        match mode {
            DrawMode::Fill(_) | DrawMode::FillAndStroke(..) => {
                self.fill(props.transform * path, opaque, color);
            }
            DrawMode::Stroke(stroke) => {
                // A thick line can be a background.
                let width = f64::from(stroke.line_width) * scale_of(props.transform);
                if width < 4.0 {
                    self.rulings.add_path(&(props.transform * path));
                } else {
                    let body = (props.transform * path).bounding_box();
                    let body = body.inflate(width / 2.0, width / 2.0);
                    self.fill(body.to_path(0.1), false, color);
                }
            }
            DrawMode::Invisible => {}
        }
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        let area = self.clip().intersect(clip.path.bounding_box());
        self.clips.push(area);
    }

    fn push_transparency_group(&mut self, opacity: f32, _: Option<SoftMask<'a>>, _: BlendMode) {
        self.opacities.push(self.opacity() * f64::from(opacity));
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let order = self.next_order();
        let (color, alpha) = color_of(&props.paint);
        let bold = run.glyphs().first().is_some_and(|glyph| self.is_bold(glyph));
        for glyph in run.glyphs() {
            if self.glyphs.len() >= self.max_glyphs {
                self.overflow = true;
                return;
            }
            let (origin, end, size) = metrics(props.transform * glyph.transform(), glyph);
            self.glyphs.push(Glyph {
                text: glyph.as_unicode().and_then(letters),
                origin,
                end,
                size,
                bold,
                color,
                opacity: alpha * self.opacity(),
                invisible: matches!(mode, DrawMode::Invisible),
                clip: self.clip(),
                order,
            });
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let (width, height) = (f64::from(image.width()), f64::from(image.height()));
        let path = props.transform * Rect::new(0.0, 0.0, width, height).to_path(0.1);
        let area = path.bounding_box().intersect(self.clip());
        self.images.push(area);
        let opaque = is_opaque(&image) && self.opacity() > 0.95 && props.soft_mask.is_none();
        self.fill(path, opaque, None);
    }

    fn pop_clip(&mut self) {
        if self.clips.len() > 1 {
            self.clips.pop();
        }
    }

    fn pop_transparency_group(&mut self) {
        if self.opacities.len() > 1 {
            self.opacities.pop();
        }
    }
}

/// Whether a shape may be letters drawn as outlines: it has many corners and is about as high as a line.
fn is_lettering(path: &BezPath, area: Rect) -> bool {
    path.elements().len() > 12 && area.height() < 80.0 && area.height() > 2.0
}

fn is_opaque(image: &Image<'_, '_>) -> bool {
    match image {
        Image::Stencil(_) => false,
        Image::Raster(raster) => {
            let stream = raster.stream();
            let dict = stream.dict();
            !dict.contains_key(b"SMask") && !dict.contains_key(b"Mask")
        }
    }
}

/// The text that a glyph stands for. Fonts map ligatures that Unicode lacks to U+0000.
fn letters(mapped: BfString) -> Option<String> {
    let text = match mapped {
        BfString::Char(letter) => letter.to_string(),
        BfString::String(text) => text,
    };
    let is_empty = text.chars().all(|letter| letter.is_control() && !letter.is_whitespace());
    (!is_empty).then_some(text)
}

fn color_of(paint: &Paint<'_>) -> (Option<[u8; 3]>, f64) {
    match paint {
        Paint::Color(color) => {
            let [red, green, blue, alpha] = color.to_rgba().to_rgba8();
            (Some([red, green, blue]), f64::from(alpha) / 255.0)
        }
        Paint::Pattern(_) => (None, 1.0),
    }
}

fn scale_of(transform: Affine) -> f64 {
    transform.determinant().abs().sqrt()
}

/// The origin, end and size of a glyph, whose own space has 1,000 units to the em.
fn metrics(transform: Affine, glyph: &PositionedGlyph<'_>) -> (Point, Point, f64) {
    let (advance, outline) = match &**glyph {
        FontGlyph::Outline(outline) => (outline.advance_width(), true),
        FontGlyph::Type3(shape) => (shape.advance_width(), false),
    };
    let advance = f64::from(advance.unwrap_or(500.0));
    let origin = transform * Point::ZERO;
    let end = transform * Point::new(advance, 0.0);
    let [_, _, c, d, _, _] = transform.as_coeffs();
    let mut size = c.hypot(d) * 1000.0;
    if !outline {
        // The nominal size of a Type 3 font is meaningless, because its shapes have any scale.
        size = size.max(origin.distance(end) * 1.6);
    }
    (origin, end, size)
}
