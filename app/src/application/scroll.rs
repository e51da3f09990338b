//! Bringing a highlighted passage into the visible part of the document.

use leptos::prelude::*;
use web_sys::{DomRect, Element};

/// Selects highlighted passages.
pub const HIGHLIGHT: &str = "[data-testid=evidence-highlight]";

/// The free space to keep between a passage and the edge of the window, in CSS pixels.
const MARGIN: f64 = 24.0;

/// A vertical extent in the window, in CSS pixels from its top.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Extent {
    top: f64,
    bottom: f64,
}

impl From<DomRect> for Extent {
    fn from(rect: DomRect) -> Self {
        Self { top: rect.top(), bottom: rect.bottom() }
    }
}

impl Extent {
    fn intersection(self, other: Self) -> Self {
        Self { top: self.top.max(other.top), bottom: self.bottom.min(other.bottom) }
    }

    /// How far to scroll down so that `self` is in the middle of `visible`; zero if it is in view.
    fn distance_to_middle(self, visible: Self) -> f64 {
        if self.top >= visible.top && self.bottom <= visible.bottom {
            return 0.0;
        }
        f64::midpoint(self.top, self.bottom) - f64::midpoint(visible.top, visible.bottom)
    }

    /// The shortest way to scroll down so that `self` is inside `visible`; zero if it is.
    fn distance_into(self, visible: Self) -> f64 {
        let above = (self.top - visible.top).min(0.0);
        let below = (self.bottom - visible.bottom).max(0.0);
        if above < 0.0 { above } else { below }
    }
}

/// Scrolls the document, and as far as that does not suffice the window, until the first passage on `page`
/// is in view. Does nothing where the document is not next to the summary.
pub fn to_passage(page: &Element) {
    let Ok(Some(pane)) = page.closest(".document") else { return };
    if !is_beside_summary(&pane) {
        return;
    }
    let passage = page.query_selector(HIGHLIGHT).ok().flatten().unwrap_or_else(|| page.clone());
    let extent = |element: &Element| Extent::from(element.get_bounding_client_rect());
    let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default();
    let window_extent = Extent { top: 0.0, bottom: height };

    let visible = extent(&pane).intersection(window_extent);
    let distance = extent(&passage).distance_to_middle(visible);
    pane.set_scroll_top(pane.scroll_top() + distance.round() as i32);

    // The pane is as high as the window, so at the top of the page its end is below the window's.
    let inside = Extent { top: MARGIN, bottom: height - MARGIN };
    let rest = extent(&passage).distance_into(inside);
    if extent(&passage).distance_into(window_extent) != 0.0 {
        window().scroll_by_with_x_and_y(0.0, rest);
    }
}

fn is_beside_summary(pane: &Element) -> bool {
    let summary = pane.previous_element_sibling();
    summary.is_some_and(|summary| summary.get_bounding_client_rect().right() <= pane.get_bounding_client_rect().left())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VISIBLE: Extent = Extent { top: 250.0, bottom: 900.0 };

    #[test]
    fn a_passage_in_view_does_not_move() {
        let passage = Extent { top: 250.0, bottom: 270.0 };
        assert_eq!([passage.distance_to_middle(VISIBLE), passage.distance_into(VISIBLE)], [0.0, 0.0]);
    }

    #[test]
    fn a_passage_below_the_window_moves_though_the_pane_holds_it() {
        let pane = Extent { top: 250.0, bottom: 1_122.0 };
        let visible = pane.intersection(Extent { top: 0.0, bottom: 900.0 });
        assert_eq!(visible, VISIBLE);
        let passage = Extent { top: 1_000.0, bottom: 1_020.0 };
        assert_eq!(passage.distance_to_middle(visible), 1_010.0 - 575.0);
        assert_eq!(passage.distance_into(VISIBLE), 120.0);
        assert_eq!(Extent { top: 200.0, bottom: 220.0 }.distance_into(VISIBLE), -50.0);
    }
}
